/**
 * The bus: how a service talks with the hub, whatever the hub is (this lib's WebSocket hub, later a NATS server). A
 * `Link` is one end of it, at the client (`Bus`) and at the hub (`HubPeer`) alike.
 */
import type { AnswerKinds, HelloBody, Message, RequestKind, WelcomeBody } from '@espalier/protocol';
import type { Observable } from 'rxjs';
import type { CloseInfo } from './close-codes';
import type { TokenScope } from './tokens';

export interface RequestOptions {
  /** Default: 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What both ends of the bus can do. */
export interface Link {
  /**
   * What the other end sends, but for answers to requests, pings and the handshake. Hot; what comes before the first
   * subscriber is kept for it (up to 1,024 messages, then the connection is cut). A slow subscriber is its own affair:
   * messages are handed on in the turn in which they come.
   */
  readonly messages$: Observable<Message>;
  /**
   * Sends and forgets. To a slow peer, messages of one series (progress events, renewals of one lease) are conflated to
   * the latest; 8 MiB of others waiting cut the connection. Throws PROTOCOL_BODY, PROTOCOL_TOO_LARGE, TRANSPORT_CLOSED,
   * at a bus that is away TRANSPORT_QUEUE_FULL.
   */
  send(message: Message): void;
  /**
   * Sends and waits for the answer. Rejects with TRANSPORT_DISCONNECTED (also at once, when the connection is down),
   * TRANSPORT_TIMEOUT, TRANSPORT_CANCELLED, or the code with which the other end refused.
   */
  request<Kind extends RequestKind>(
    message: Message<Kind>,
    options?: RequestOptions,
  ): Promise<Message<AnswerKinds[Kind]>>;
}

export type BusState = 'connecting' | 'connected' | 'reconnecting' | 'closed';

/** A client's end. It survives the hub: it connects again, says hello again, and sends what was waiting. */
export interface Bus extends Link, AsyncDisposable {
  /** The latest state on subscription, then each change; completes when closed. */
  readonly state$: Observable<BusState>;
  readonly state: BusState;
  /** What the hub said last. */
  readonly welcome: WelcomeBody;
  /** Resolves when the bus is closed for good: by `close`, or by a hub that does not want it (see `isFinal`). */
  readonly closed: Promise<CloseInfo>;
  /** Resolves at once when connected, else when it is again; rejects with TRANSPORT_CLOSED or TRANSPORT_CANCELLED. */
  whenConnected(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The hub's end of one connection, after its `hello`. */
export interface HubPeer extends Link {
  /** Name of the service. */
  readonly service: string;
  readonly hello: HelloBody;
  readonly scope: TokenScope;
  readonly remote: string;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<CloseInfo>;
  close(why?: CloseInfo): void;
}
