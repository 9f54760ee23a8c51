/**
 * A page's session: the token of its link is exchanged for a cookie that scripts cannot read. The cookie is made of the token and stands in no list, so
 * that it is good after a restart of the coordinator, which is given the same tokens.
 */
import { createHmac } from 'node:crypto';
import { sameToken } from '@espalier/transport';
import { allows, type AccessToken, type Scope } from '../../access';

const PURPOSE = 'espalier page session 1';

/** Cookies know no ports: coordinators on one machine must not overwrite each other's. */
export function cookieName(port: number): string {
  return `espalier-${port}`;
}

/** The cookie that a page gets for a token. */
export function setCookie(port: number, { token }: AccessToken): string {
  return `${cookieName(port)}=${cookieValue(token)}; HttpOnly; SameSite=Strict; Path=/`;
}

export function clearedCookie(port: number): string {
  return `${cookieName(port)}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0`;
}

/** The token behind a request's cookie, or undefined. Takes the same time for any. */
export function tokenOfCookie(
  header: string | undefined,
  port: number,
  tokens: readonly AccessToken[],
): AccessToken | undefined {
  const name = `${cookieName(port)}=`;
  const value = (header ?? '')
    .split(';')
    .map((cookie) => cookie.trim())
    .find((cookie) => cookie.startsWith(name))
    ?.slice(name.length);
  if (value === undefined || value === '') return undefined;
  let found: AccessToken | undefined;
  for (const token of tokens) if (sameToken(cookieValue(token.token), value)) found ??= token;
  return found;
}

/** What a page may do with a token: look, or look and steer. Empty: it is no page's. */
export function pageScopes({ scopes }: Pick<AccessToken, 'scopes'>): readonly Scope[] {
  return (['viewer', 'steer'] as const).filter((scope) => allows(scopes, scope));
}

function cookieValue(token: string): string {
  return createHmac('sha256', token).update(PURPOSE).digest('base64url');
}
