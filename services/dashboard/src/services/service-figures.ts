import type { JsonValue } from '@espalier/base';
import type { ServiceView } from '@espalier/protocol/view';

/** Services send a sign of life every few seconds; after this there is reason to look. */
const QUIET_MS = 15_000;

export function isQuiet({ heartbeatAt }: Pick<ServiceView, 'heartbeatAt'>, now: number): boolean {
  return now - heartbeatAt > QUIET_MS;
}

/** `native 2.18.0, 2 threads`; what a service says of its engine is open for more. */
export function engineText(engine: JsonValue | undefined): string {
  if (typeof engine !== 'object' || engine === null || Array.isArray(engine)) return 'none';
  const { backend, version, threads } = engine as { readonly [key: string]: JsonValue | undefined };
  const name = [backend, version].filter((part) => typeof part === 'string').join(' ');
  const cores = typeof threads === 'number' ? `${threads} ${threads === 1 ? 'thread' : 'threads'}` : '';
  return [name, cores].filter((part) => part !== '').join(', ') || 'none';
}
