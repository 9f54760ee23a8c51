/**
 * The connection to the coordinator's `/view`, for as long as somebody subscribes: opened, kept alive, opened again when it
 * breaks. It holds no state of the topics: after a reconnect the coordinator sends each of them whole.
 */
import { errorMessage, newId } from '@espalier/base';
import {
  decodeMessage,
  decodeViewData,
  encodeMessage,
  message,
  viewBuckets,
  type Buckets,
  type Topic,
  type ViewHeader,
} from '@espalier/protocol/view';
import {
  EMPTY,
  Observable,
  asapScheduler,
  auditTime,
  defer,
  distinctUntilChanged,
  race,
  repeat,
  take,
  tap,
  timer,
  type SchedulerLike,
} from 'rxjs';
import { beat, beginHeartbeat, heard, HEARTBEAT } from './heartbeat';

export type LinkEvent =
  | { readonly kind: 'opening' }
  /** Another `session` means that the coordinator was started anew. */
  | { readonly kind: 'welcome'; readonly session: string; readonly nowMs: number }
  | { readonly kind: 'state'; readonly topic: string; readonly value: unknown }
  | {
      readonly kind: 'series';
      readonly topic: string;
      readonly parts: ViewHeader<'view.series'>['parts'];
      readonly buckets: readonly Buckets[];
    }
  | { readonly kind: 'refused'; readonly topic: string; readonly code: string; readonly message: string }
  /** `problem`: what came that is no message of ours. */
  | { readonly kind: 'closed'; readonly retryInMs: number; readonly problem?: string };

/** What a WebSocket is to this file. */
export type Socket = Pick<
  WebSocket,
  'send' | 'close' | 'binaryType' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'
>;

export interface ViewLinkOptions {
  openSocket(): Socket;
  readonly topics$: Observable<readonly Topic[]>;
  /** The machine woke, is online again or the page is looked at: do not wait, and doubt what is open. */
  readonly wake$?: Observable<unknown>;
  /** What arrived does not fit: the connection is given up, and everything asked for anew. */
  readonly broken$?: Observable<unknown>;
  readonly scheduler?: SchedulerLike;
}

const RETRY = { firstMs: 250, mostMs: 2_000 } as const;

/** 250 ms, 500 ms, 1 s, 2 s, 2 s ... */
export function retryDelayMs(failures: number): number {
  return Math.min(RETRY.mostMs, RETRY.firstMs * 2 ** Math.max(0, failures - 1));
}

export function viewLink(options: ViewLinkOptions): Observable<LinkEvent> {
  const { wake$ = EMPTY, scheduler } = options;
  return defer(() => {
    let failures = 0;
    return defer(() => oneConnection(options, () => retryDelayMs(++failures))).pipe(
      tap(({ kind }) => {
        if (kind === 'welcome') failures = 0;
      }),
      repeat({ delay: () => race(timer(retryDelayMs(failures), scheduler), wake$).pipe(take(1)) }),
    );
  });
}

/** Completes when the connection has ended, with `closed` last. */
function oneConnection(
  { openSocket, topics$, wake$ = EMPTY, broken$ = EMPTY, scheduler }: ViewLinkOptions,
  failed: () => number,
): Observable<LinkEvent> {
  return new Observable<LinkEvent>((subscriber) => {
    const now = (): number => scheduler?.now() ?? Date.now();
    const socket = openSocket();
    socket.binaryType = 'arraybuffer';
    const from = `page-${newId()}`;
    let pulse = beginHeartbeat(now());
    let asked: string | undefined;
    let open = false;
    let ended = false;

    const end = (problem?: string): void => {
      if (ended) return;
      ended = true;
      socket.close();
      subscriber.next({ kind: 'closed', retryInMs: failed(), ...(problem === undefined ? {} : { problem }) });
      subscriber.complete();
    };
    const say = (value: Parameters<typeof encodeMessage>[0]): void => {
      if (open) socket.send(encodeMessage(value) as Uint8Array<ArrayBuffer>);
    };
    const check = (urgent: boolean): void => {
      const { next, action } = beat(pulse, now(), urgent);
      pulse = next;
      if (action === 'ask') {
        const ping = message('ping', {}, { from });
        asked = ping.id;
        say(ping);
      }
      if (action === 'give up') end();
    };

    subscriber.next({ kind: 'opening' });
    socket.onopen = () => (open = true);
    socket.onclose = () => end();
    socket.onerror = () => end();
    socket.onmessage = ({ data }) => {
      if (ended) return;
      try {
        const { event, answers } = read(new Uint8Array(data as ArrayBuffer));
        pulse = heard(pulse, now(), answers !== undefined && answers === asked);
        if (event) subscriber.next(event);
        if (event?.kind === 'welcome') watch();
      } catch (error) {
        end(errorMessage(error));
      }
    };
    const watch = (): void =>
      subscriber.add(
        topics$
          .pipe(auditTime(0, asapScheduler), distinctUntilChanged<readonly Topic[]>(sameJson))
          .subscribe((topics) => say(message('view.watch', { topics: [...topics] }, { from }))),
      );
    // What has opened but says nothing is given up by the same rule.
    subscriber.add(timer(HEARTBEAT.tickMs, HEARTBEAT.tickMs, scheduler).subscribe(() => check(false)));
    subscriber.add(wake$.subscribe(() => check(true)));
    subscriber.add(broken$.subscribe(() => end()));
    subscriber.add(() => {
      ended = true;
      socket.close();
    });
  });
}

const DATA_FRAME = 0x92;

interface Received {
  /** Of a message that the page needs. */
  readonly event?: LinkEvent;
  /** The question that it answers. */
  readonly answers?: string;
}

/** Throws PROTOCOL_* for what is no message of ours. */
function read(bytes: Uint8Array): Received {
  if (bytes[0] === DATA_FRAME) return { event: dataEvent(bytes) };
  const received = decodeMessage(bytes);
  if (received.kind === 'pong') return { answers: received.body.re };
  if (received.kind !== 'welcome') return {};
  const { session, nowMs } = received.body;
  return { event: { kind: 'welcome', session, nowMs } };
}

function dataEvent(frame: Uint8Array): LinkEvent {
  const { header, bytes } = decodeViewData(frame);
  const { topic } = header;
  switch (header.kind) {
    case 'view.state':
      return { kind: 'state', topic, value: JSON.parse(new TextDecoder().decode(bytes)) };
    case 'view.series':
      return { kind: 'series', topic, parts: header.parts, buckets: viewBuckets(header, bytes) };
    case 'view.refused':
      return { kind: 'refused', topic, code: header.code, message: header.message };
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
