/** What this browser may do, by Svelte's context; a function, since it can change. */
import { getContext, setContext } from 'svelte';
import type { Scope } from './session';

const KEY = Symbol('scopes');

export function provideScopes(scopes: () => readonly Scope[]): void {
  setContext(KEY, scopes);
}

export function useScopes(): () => readonly Scope[] {
  return getContext<() => readonly Scope[]>(KEY);
}
