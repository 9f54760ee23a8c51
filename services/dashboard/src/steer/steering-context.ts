/** Who asks for a change of a run, and what becomes of it: the steer bar owns it, other parts of the run's page ask through it. */
import { getContext, setContext } from 'svelte';

export type SteerWish =
  | { readonly kind: 'pause' | 'resume' | 'stop' | 'swap' }
  | { readonly kind: 'undo'; readonly toRound?: number };

export interface Steering {
  /** A viewer may not. */
  readonly may: boolean;
  /** Asks the person to confirm, where the wish is not easily taken back. */
  ask(wish: SteerWish): void;
}

const KEY = Symbol('steering');

export function provideSteering(steering: Steering): void {
  setContext(KEY, steering);
}

export function useSteering(): Steering {
  return getContext<Steering>(KEY);
}
