/** Who may do what: tokens with scopes, and the web pages whose scripts may connect. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** `service` takes stages, `steer` starts and changes runs (and may look), `viewer` looks. */
export const SCOPES = ['service', 'steer', 'viewer'] as const;
export type Scope = (typeof SCOPES)[number];

export interface AccessToken {
  readonly token: string;
  readonly scopes: readonly Scope[];
}

/** The scopes of a token, or undefined for one that is unknown. Takes the same time for any. */
export function scopesOf(
  tokens: readonly AccessToken[],
  given: string | undefined,
): readonly Scope[] | undefined {
  const hash = digest(given ?? '');
  let found: readonly Scope[] | undefined;
  for (const { token, scopes } of tokens) {
    if (timingSafeEqual(hash, digest(token)) && given !== undefined) found = scopes;
  }
  return found;
}

/** May somebody with these scopes do what needs that one? Who may steer may look. */
export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.includes(needed) || (needed === 'viewer' && scopes.includes('steer'));
}

/** The token in an Authorization header. */
export function bearer(header: string | undefined): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? '')?.[1];
}

/** A program sends no Origin; a page's must be on the list. */
export function originAllowed(origin: string | undefined, allowed: readonly string[]): boolean {
  return origin === undefined || allowed.includes(origin);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
