/** The settings of a stage service as its parent passes them: JSON in the environment, checked here. */
import { serviceError } from './errors';
import type { LogLevel } from './json-logger';
import { SETTINGS_VARIABLE } from './supervise-child';
import type { StageServiceOptions } from './stage-service';

export interface ServiceSettings extends Omit<
  StageServiceOptions,
  'name' | 'kinds' | 'runner' | 'logger' | 'clock' | 'reconnect' | 'owns'
> {
  readonly logLevel?: LogLevel;
  /** JSON: the list of plugins that it may start; read anew when one is asked for. */
  readonly pluginsFile?: string;
  /** Folders and packages of plugins that it may start whatever that list says. */
  readonly allowPlugins?: readonly string[];
}

/** Rebuilds the settings field by field. @throws SERVICE_CONFIG */
export function parseServiceSettings(name: string, value: unknown): ServiceSettings {
  const map = record(name, value, 'the settings');
  const text = (key: string): string | undefined => typed(name, map, key, 'string');
  const number = (key: string): number | undefined => typed(name, map, key, 'number');
  const listen = map['listen'] === undefined ? undefined : record(name, map['listen'], '"listen"');
  return {
    hubUrl: required(name, 'hubUrl', text('hubUrl')),
    token: required(name, 'token', text('token')),
    dir: required(name, 'dir', text('dir')),
    ...(listen
      ? {
          listen: {
            host: typed(name, listen, 'host', 'string'),
            port: typed(name, listen, 'port', 'number'),
          },
        }
      : {}),
    advertise: text('advertise'),
    threads: number('threads'),
    checkpointSeconds: number('checkpointSeconds'),
    maxStoreBytes: number('maxStoreBytes'),
    pluginsFile: text('pluginsFile'),
    allowPlugins: texts(name, map, 'allowPlugins'),
    logLevel: text('logLevel') as LogLevel | undefined,
  };
}

function record(name: string, value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw wrong(name, `${what} must be a JSON object`);
}

function texts(name: string, map: Record<string, unknown>, key: string): readonly string[] | undefined {
  const value = map[key];
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw wrong(name, `"${key}" must be a list of texts`);
}

function typed<T extends 'string' | 'number'>(
  name: string,
  map: Record<string, unknown>,
  key: string,
  type: T,
): (T extends 'string' ? string : number) | undefined {
  const value = map[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type) throw wrong(name, `"${key}" must be a ${type}`);
  return value as T extends 'string' ? string : number;
}

function required(name: string, key: string, value: string | undefined): string {
  if (value === undefined || value === '') throw wrong(name, `"${key}" is missing`);
  return value;
}

function wrong(name: string, problem: string): Error {
  return serviceError('SERVICE_CONFIG', { name, variable: SETTINGS_VARIABLE, problem });
}
