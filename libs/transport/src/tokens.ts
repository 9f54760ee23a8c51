/**
 * Tokens: a shared secret on every connection from the start. Node sends it in the Authorization header; a browser, which
 * cannot, as a subprotocol `espalier.token.<token>` beside `espalier.v1`.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What a token lets its bearer do. `service`: everything; `viewer`: watch only; `plugin`: speak with the host of plugins, no more. */
export type TokenScope = 'service' | 'viewer' | 'plugin';

export interface ScopedToken {
  readonly token: string;
  readonly scope: TokenScope;
}

export const SUBPROTOCOL = 'espalier.v1';
const TOKEN_PROTOCOL = 'espalier.token.';

/** 256 random bits, URL-safe. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The scope of the token that a request carries, or undefined when there is none or it is wrong. */
export function scopeOf(
  request: Pick<IncomingMessage, 'headers'>,
  tokens: readonly ScopedToken[],
): TokenScope | undefined {
  return tokenOf(request, tokens)?.scope;
}

/** Which of the tokens it is that a request carries. */
export function tokenOf(
  request: Pick<IncomingMessage, 'headers'>,
  tokens: readonly ScopedToken[],
): ScopedToken | undefined {
  const given = tokenIn(request);
  if (given === undefined) return undefined;
  let found: ScopedToken | undefined;
  // All are compared, each in constant time: the time tells neither how much of a token was right nor which.
  for (const candidate of tokens) if (sameToken(candidate.token, given)) found ??= candidate;
  return found;
}

function tokenIn(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '');
  if (bearer) return bearer[1];
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.find((name) => name.startsWith(TOKEN_PROTOCOL))?.slice(TOKEN_PROTOCOL.length);
}

/** Constant time whatever the lengths: digests are compared. */
export function sameToken(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
