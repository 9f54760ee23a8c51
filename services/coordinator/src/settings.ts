/** The coordinator's settings as its parent passes them: JSON in the environment. */
import { jsonLogger, type LogLevel } from '@espalier/service-kit';
import { SCOPES, type AccessToken, type Scope } from './access';
import { coordinatorError } from './errors';
import type { CoordinatorOptions } from './start-coordinator';

/** @throws COORDINATOR_SETTINGS */
export function parseCoordinatorSettings(value: unknown): CoordinatorOptions {
  const map = (value ?? {}) as Record<string, unknown>;
  const text = (key: string): string | undefined => (typeof map[key] === 'string' ? map[key] : undefined);
  const dir = text('dir');
  if (dir === undefined) throw wrong('"dir" is missing');
  const tokens = Array.isArray(map['tokens']) ? map['tokens'].map(accessToken) : [];
  if (tokens.length === 0) throw wrong('"tokens" is empty');
  const port = map['port'];
  if (port !== undefined && !Number.isInteger(port)) throw wrong('"port" must be a whole number');
  const origins = map['allowedOrigins'];
  return {
    dir,
    tokens,
    host: text('host'),
    port: port as number | undefined,
    allowedOrigins: Array.isArray(origins) ? origins.map(String) : [],
    logger: jsonLogger('coordinator', text('logLevel') as LogLevel | undefined),
  };
}

function accessToken(value: unknown): AccessToken {
  if (typeof value === 'string' && value !== '') return { token: value, scopes: SCOPES };
  const { token, scopes } = (value ?? {}) as { token?: unknown; scopes?: unknown };
  if (typeof token !== 'string' || token === '') throw wrong('a token is empty');
  if (!Array.isArray(scopes) || !scopes.every((scope) => SCOPES.includes(scope as Scope))) {
    throw wrong(`the scopes of a token must be of ${SCOPES.join(', ')}`);
  }
  return { token, scopes: scopes as Scope[] };
}

function wrong(problem: string): Error {
  return coordinatorError('COORDINATOR_SETTINGS', { problem });
}
