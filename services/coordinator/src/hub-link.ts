/**
 * The coordinator's side of the hub: what services and watchers say becomes calls, what the coordinator has to say
 * becomes messages.
 */
import { errorCode, errorMessage, type EspalierError, type JsonValue, type Logger } from '@espalier/base';
import { message, type Message, type MessageBody } from '@espalier/protocol';
import type { HubPeer } from '@espalier/transport';
import type { StageResult } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import type { Coordinator } from './coordinator';
import { coordinatorError } from './errors';
import type { Outbox, OutgoingEvent } from './outbox';
import type { RunBook } from './run-book';
import { DEFAULT_SCHEDULER_LIMITS } from './scheduler';
import { STAGE_EVENT_TYPES, type StageEventType } from './stage-desk';
import type { Views } from './view/views';

const HUB_NAME = 'coordinator';
/** A plugin's process has 20 s to start, and each answer its time; longer is no everyday act. */
const ADMIT_MS = 60_000;
const NO_BYTES = { dense: 0, masked: 0, had: 0, overhead: 0 };

export interface HubLink extends Outbox {
  /** A peer has said hello. */
  onPeer(peer: HubPeer): void;
}

export interface HubLinkOptions {
  /** The coordinator that the calls go to; asked at each, since the two need each other. */
  coordinator(): Coordinator;
  readonly book: RunBook;
  /** What viewers see. */
  readonly views: Pick<Views, 'points' | 'layerView' | 'announced' | 'heard' | 'gone'>;
  /** What must stay in the stores. */
  pinned(): Promise<ReadonlySet<Digest>>;
  readonly logger: Logger;
  readonly leaseMs?: number;
  readonly acceptMs?: number;
}

interface Watcher {
  readonly peer: HubPeer;
  /** A run, or `*` for all. */
  readonly run: string;
}

export function hubLink(options: HubLinkOptions): HubLink {
  const { book, logger, views } = options;
  const ttlMs = options.leaseMs ?? DEFAULT_SCHEDULER_LIMITS.leaseMs;
  const timeoutMs = options.acceptMs ?? DEFAULT_SCHEDULER_LIMITS.acceptMs;
  const peers = new Map<string, HubPeer>();
  const watchers = new Set<Watcher>();
  let count = 0;

  const handle = async (
    peerId: string,
    peer: HubPeer,
    received: Message,
  ): Promise<MessageBody<'kept'> | void> => {
    const coordinator = options.coordinator();
    switch (received.kind) {
      case 'announce':
        await coordinator.announced(servicePeer(peerId, peer, received.body), received.body.leases ?? []);
        return views.announced(peer.service, peerId);
      case 'lease.renew':
        views.heard(peer.service);
        return coordinator.renewed(peerId, received.body.leaseId);
      case 'service.state':
        return views.heard(peer.service, received.body);
      case 'points':
        return views.points(received);
      case 'layer.view':
        return views.layerView(received.run, received.body);
      case 'lease.done':
        return coordinator.stageDone(peerId, outcomeOf(received.body));
      case 'lease.failed':
        return coordinator.stageFailed(peerId, received.body);
      case 'event': {
        const { type, fields } = received.body;
        if (received.run === undefined || !isStageEvent(type)) return;
        return coordinator.stageEvent(peerId, received.run, type, fields);
      }
      case 'subscribe':
        return subscribe(coordinator, peer, received.body);
      case 'unsubscribe':
        for (const watcher of watchers) {
          if (watcher.peer === peer && watcher.run === received.body.run) watchers.delete(watcher);
        }
        return;
      case 'keep': {
        const pinned = await options.pinned();
        return { re: received.id, digests: received.body.digests.filter((digest) => pinned.has(digest)) };
      }
      default:
        logger.debug('a message that is not for the hub', { kind: received.kind, from: peer.service });
    }
  };

  /** In the coordinator's turn: what is logged before is replayed, what is logged after is sent, nothing twice. */
  const subscribe = (
    coordinator: Coordinator,
    peer: HubPeer,
    { run, fromSeq }: MessageBody<'subscribe'>,
  ): Promise<void> =>
    coordinator.inTurn(async () => {
      if (run !== '*' && !book.get(run)) throw coordinatorError('COORDINATOR_NO_RUN', { run });
      if (run !== '*' && fromSeq !== undefined) {
        for (const event of await book.events(run, fromSeq))
          sendEvent(peer, run, event as unknown as OutgoingEvent);
      }
      watchers.add({ peer, run });
    });

  const sendEvent = (peer: HubPeer, run: string, event: OutgoingEvent): void => {
    const { type, seq, at } = event;
    const send = (fields: OutgoingEvent['fields']): void => {
      const durable = seq !== undefined;
      const body = { type, at, fields, ...(durable ? { seq } : { durable: false }) };
      peer.send(message('event', body, { from: HUB_NAME, run }));
    };
    try {
      send(event.fields);
    } catch (error) {
      if (errorCode(error) !== 'PROTOCOL_TOO_LARGE' && errorCode(error) !== 'PROTOCOL_BODY') throw error;
      // Too long for a control message, e.g. the report of a deep network: it is to be had over HTTP.
      send({ omitted: `/api/runs/${run}/events?from=${seq ?? ''}` });
    }
  };

  return {
    onPeer(peer) {
      const peerId = `${peer.service}#${++count}`;
      peers.set(peerId, peer);
      peer.messages$.subscribe((received) => {
        handle(peerId, peer, received).then(
          (kept) => reply(peer, received, kept ?? undefined),
          (error: unknown) => refuse(peer, received, error, logger),
        );
      });
      void peer.closed
        .then(() => {
          peers.delete(peerId);
          for (const watcher of watchers) if (watcher.peer === peer) watchers.delete(watcher);
          return options
            .coordinator()
            .gone(peerId)
            .finally(() => views.gone(peerId));
        })
        .catch((error: unknown) => logger.debug('a peer has gone', { peerId, problem: errorMessage(error) }));
    },
    async offer(peerId, { run, leaseId, key, stage, sources }) {
      const peer = peers.get(peerId);
      if (!peer)
        throw coordinatorError('COORDINATOR_SERVICE_LOST', { service: peerId, stage: key, reason: 'gone' });
      const body = {
        leaseId,
        stage: stage as unknown as { [key: string]: JsonValue },
        resultKey: key,
        ttlMs,
        sources: Object.fromEntries(Object.entries(sources).map(([digest, urls]) => [digest, [...urls]])),
      };
      await peer.request(message('lease.offer', body, { from: HUB_NAME, run }), { timeoutMs });
    },
    async admit(peerId, run, { name, options: given, plugin }) {
      const peer = peers.get(peerId);
      if (!peer) throw new Error('it is not connected any more');
      const body = { name, options: given, plugin };
      const request = message('criterion.admit', body, { from: HUB_NAME, run });
      return (await peer.request(request, { timeoutMs: ADMIT_MS })).body;
    },
    cancel(peerId, run, leaseId, reason) {
      peers.get(peerId)?.send(message('lease.cancel', { leaseId, reason }, { from: HUB_NAME, run }));
    },
    publish(run, event) {
      for (const watcher of watchers) {
        if (watcher.run === '*' || watcher.run === run) sendEvent(watcher.peer, run, event);
      }
    },
  };
}

function servicePeer(peerId: string, peer: HubPeer, body: MessageBody<'announce'>) {
  const engine = body.engine ?? peer.hello.engine;
  const fingerprint = engine?.['fingerprint'];
  return {
    peerId,
    serviceId: peer.service,
    service: peer.hello.roles[0] ?? peer.service,
    kinds: body.can,
    engine,
    dataUrl: body.dataUrl,
    ...(body.admits && { admits: true }),
    ...(typeof fingerprint === 'string' ? { fingerprint } : {}),
  };
}

function outcomeOf({ leaseId, resultKey, result, seconds, wire }: MessageBody<'lease.done'>) {
  const { outputs, metrics, cached } = (result ?? {}) as { [key: string]: JsonValue };
  const whole = { outputs, metrics } as unknown as StageResult;
  return { leaseId, key: resultKey, result: whole, seconds, wire: wire ?? NO_BYTES, cached: cached === true };
}

function isStageEvent(type: string): type is StageEventType {
  return (STAGE_EVENT_TYPES as readonly string[]).includes(type);
}

const ACKNOWLEDGED = [
  ...['announce', 'lease.done', 'lease.failed', 'subscribe', 'unsubscribe'],
  ...['points', 'layer.view'],
];

function reply(peer: HubPeer, { kind, id }: Message, kept: MessageBody<'kept'> | undefined): void {
  if (kept) peer.send(message('kept', kept, { from: HUB_NAME }));
  else if (ACKNOWLEDGED.includes(kind)) peer.send(message('ack', { re: id }, { from: HUB_NAME }));
}

function refuse(peer: HubPeer, { kind, id }: Message, error: unknown, logger: Logger): void {
  const code = errorCode(error) ?? 'COORDINATOR_REQUEST';
  logger.warn('a message could not be handled', { kind, from: peer.service, problem: errorMessage(error) });
  if (!ACKNOWLEDGED.includes(kind) && kind !== 'keep') return;
  const retryable = (error as EspalierError).retryable === true;
  peer.send(
    message(
      'refuse',
      { re: id, code, message: errorMessage(error).slice(0, 4000), retryable },
      { from: HUB_NAME },
    ),
  );
}
