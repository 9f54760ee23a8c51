/**
 * The events of a run at a hub, in order and without gaps, however often the connection breaks or the coordinator is
 * restarted: after each connection the log is asked for from where it stopped.
 */
import type { Logger } from '@espalier/base';
import { message, type Message } from '@espalier/protocol';
import { connectBus, type Bus } from '@espalier/transport';
import { cliError } from './errors';
import { busUrl, type HubAddress } from './hub-client';
import type { RunEvent } from './run-view';

export interface FollowOptions {
  readonly hub: HubAddress;
  readonly run: string;
  /** The first number of the log that is wanted. */
  readonly fromSeq: number;
  /** Our name at the hub. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
  /** `seq` is missing for what is not in the log. */
  onEvent(event: RunEvent, seq: number | undefined): void;
}

/** The events after which nothing more happens by itself. */
const LAST: ReadonlySet<string> = new Set(['run.done', 'run.failed', 'run.stopped']);

/** Nobody asked for the pause: a plugin failed, and somebody has to do something. */
function isHeldUp({ type, fields }: RunEvent): boolean {
  return type === 'run.paused' && fields['code'] !== undefined;
}

/** Settles with the event that ended the run; with undefined when the signal came first. @throws TRANSPORT_*, CLI_HUB_AWAY */
export async function followRun(options: FollowOptions): Promise<RunEvent | undefined> {
  const { hub, run, name, signal } = options;
  const url = busUrl(hub.url);
  await using bus = await connectBus({
    url,
    token: hub.token,
    hello: { service: name, roles: ['viewer'] },
    signal,
    ...(options.logger ? { logger: options.logger } : {}),
  });
  let next = options.fromSeq;
  let ended: ((event: RunEvent | undefined) => void) | undefined;
  const end = new Promise<RunEvent | undefined>((settle) => (ended = settle));
  const received = bus.messages$.subscribe((incoming: Message) => {
    if (incoming.kind !== 'event' || incoming.run !== run) return;
    const { seq, at = incoming.at, type, fields } = incoming.body;
    if (seq !== undefined) {
      // Seen before: the log was asked for again while it was still coming.
      if (seq < next) return;
      next = seq + 1;
    }
    const event: RunEvent = { type, at, fields: fields as RunEvent['fields'] };
    options.onEvent(event, seq);
    if (LAST.has(type) || isHeldUp(event)) ended?.(event);
  });
  const states = bus.state$.subscribe((state) => {
    if (state === 'connected') subscribe(bus, run, next, name);
  });
  const onAbort = (): void => ended?.(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const closed = bus.closed.then((why): never => {
      throw cliError('CLI_HUB_AWAY', { hub: url, problem: why.reason || 'the connection was closed' });
    });
    closed.catch(() => undefined);
    return await Promise.race([end, closed]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    received.unsubscribe();
    states.unsubscribe();
  }
}

function subscribe(bus: Bus, run: string, fromSeq: number, from: string): void {
  // Lost with the connection, it is asked again with the next one.
  bus.request(message('subscribe', { run, fromSeq }, { from, run })).catch(() => undefined);
}
