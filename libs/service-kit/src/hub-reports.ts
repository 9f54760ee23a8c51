/**
 * The service's side of the conversation with the hub: announces itself at each new connection, sends what the lease
 * worker has to say, and hands in an outcome until the hub has acknowledged it.
 */
import {
  errorCode,
  errorMessage,
  systemClock,
  type Clock,
  type EspalierError,
  type JsonValue,
  type Logger,
} from '@espalier/base';
import { message, type AnnounceBody, type Message, type MessageBody } from '@espalier/protocol';
import type { Bus } from '@espalier/transport';
import { afterMs } from './conflate';
import { inTime } from './in-time';
import type { LeaseOutcome, LeaseReports, OfferedLease } from './lease-worker';
import type { RunnerEvent } from './stage-runner';
import { showDesk } from './view/show-desk';

/** Between two tries to hand something in over a connection that stands. */
const RETRY_MS = 500;
/** So long an outcome waits for what its stage has shown: a viewer then sees a stage's end with all of its figures. */
const SHOWN_MS = 1_000;
/** As much of an error's message as travels. */
const MAX_MESSAGE_LETTERS = 4000;

export interface HubReportsOptions {
  readonly bus: Bus;
  readonly serviceId: string;
  readonly logger: Logger;
  /** What to announce, asked anew each time. */
  announcement(): AnnounceBody;
  readonly clock?: Pick<Clock, 'monotonicMs'>;
}

export interface HubReports extends LeaseReports, Disposable {
  /** Settles at the hub's first acknowledgement. */
  readonly announced: Promise<void>;
}

export function hubReports(options: HubReportsOptions): HubReports {
  const { bus, serviceId, logger, announcement, clock = systemClock } = options;
  const from = serviceId;
  let ended = false;
  /** Settles when this connection's announcement has been acknowledged; new at each connection. */
  let announced: Promise<void> = Promise.resolve();
  let firstAnnounced: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (firstAnnounced = resolve));

  const announce = async (): Promise<void> => {
    while (!ended && bus.state === 'connected') {
      try {
        await bus.request(message('announce', announcement(), { from }));
        return firstAnnounced();
      } catch (error) {
        logger.warn('the hub did not take the announcement', { problem: errorMessage(error) });
        await pause(RETRY_MS);
      }
    }
  };
  const subscription = bus.state$.subscribe((state) => {
    if (state === 'connected') announced = announce();
    if (state === 'closed') ended = true;
  });

  /** Requests that until the hub has acknowledged it, over as many connections as it takes. Throws what no other try would change. */
  const untilTaken = async (what: string, request: () => Promise<unknown>): Promise<void> => {
    while (!ended) {
      try {
        await bus.whenConnected();
        await announced;
        await request();
        return;
      } catch (error) {
        logger.warn(`the hub did not take ${what}`, { problem: errorMessage(error) });
        if (!mayComeBack(error)) throw error;
        await pause(RETRY_MS);
      }
    }
  };
  const desk = showDesk({
    clock,
    after: afterMs,
    deliver: async (kind, body, run) => {
      const request = message(kind, body, { from, run }) as Message<'points' | 'layer.view'>;
      // A figure that the hub does not want is no reason for a stage to fail; `untilTaken` has logged it.
      await untilTaken(`"${kind}"`, () => bus.request(request)).catch(() => undefined);
    },
  });

  /** Sends one of the messages that may be lost. */
  const trySend = (send: () => void): void => {
    if (ended) return;
    try {
      send();
    } catch (error) {
      logger.warn('a message to the hub was dropped', { problem: errorMessage(error) });
    }
  };

  return {
    announced: first,
    renew: ({ leaseId, run }) => {
      if (bus.state === 'connected') {
        trySend(() => bus.send(message('lease.renew', { leaseId }, { from, run })));
      }
    },
    event: ({ run }, event) => {
      // Progress of a time when nobody could see it is of no use later.
      if (event.type === 'progress' && bus.state !== 'connected') return;
      trySend(() => bus.send(message('event', eventBody(event), { from, run })));
    },
    watch: ({ run, key }) => desk.watch({ run, key }),
    outcome: async (lease, outcome) => {
      const { run } = lease;
      const handIn = (toSend: LeaseOutcome): Promise<void> =>
        untilTaken('an outcome', async () => {
          if (toSend.ok) await bus.request(message('lease.done', doneBody(lease, toSend), { from, run }));
          else await bus.request(message('lease.failed', failedBody(lease, toSend), { from, run }));
        });
      await inTime(desk.settled(), SHOWN_MS);
      try {
        await handIn(outcome);
      } catch (error) {
        // When not even the failure can be told, the hub does not want to know; `untilTaken` has logged it.
        if (outcome.ok) await handIn(unsendable(lease, error)).catch(() => undefined);
      }
    },
    [Symbol.dispose]: () => {
      ended = true;
      subscription.unsubscribe();
    },
  };
}

function eventBody({ type, fields }: RunnerEvent): MessageBody<'event'> {
  const isProgress = type === 'progress';
  return { type: `stage.${type}`, fields: { ...fields }, ...(isProgress ? { durable: false } : {}) };
}

function doneBody(
  { leaseId, key }: OfferedLease,
  { result, cached, seconds, wire }: LeaseOutcome & { ok: true },
): MessageBody<'lease.done'> {
  const snapshots = Object.fromEntries(
    Object.entries(result.outputs).map(([role, { digest }]) => [role, digest]),
  );
  const whole = { ...result, cached } as unknown as JsonValue;
  return { leaseId, resultKey: key, snapshots, result: whole, seconds, wire };
}

function failedBody(
  { leaseId }: OfferedLease,
  { code, message: text, retryable }: LeaseOutcome & { ok: false },
): MessageBody<'lease.failed'> {
  return { leaseId, code, message: text.slice(0, MAX_MESSAGE_LETTERS), retryable };
}

/** A result that cannot be told (too long for a message, or refused) is a failure, which can. */
function unsendable({ stage }: OfferedLease, error: unknown): LeaseOutcome & { ok: false } {
  const code = errorCode(error) ?? 'SERVICE_STAGE_FAILED';
  const text = `the result of "${stage.kind}" cannot be handed in: ${errorMessage(error)}`;
  return { ok: false, code, message: text, retryable: false };
}

function mayComeBack(error: unknown): boolean {
  return errorCode(error) === 'TRANSPORT_DISCONNECTED' || (error as EspalierError).retryable === true;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
