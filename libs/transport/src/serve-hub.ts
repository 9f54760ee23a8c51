/**
 * The hub's door: checks each connection, takes its `hello`, answers `welcome`, and hands the peer to `onPeer`. What is
 * said then is the coordinator's business.
 */
import { newId, silentLogger, type Logger } from '@espalier/base';
import {
  message,
  PROTOCOL_LIMITS,
  PROTOCOL_VERSION,
  type AnswerKinds,
  type HelloBody,
  type Message,
  type MessageKind,
  type RequestKind,
} from '@espalier/protocol';
import type { Observable } from 'rxjs';
import { openDoor, type Accepted, type Door, type DoorOptions } from './accept';
import { answerKind } from './answer-kind';
import type { HubPeer, RequestOptions } from './bus';
import { Channel } from './channel';
import { CLOSE, type CloseInfo } from './close-codes';
import { Inbox } from './inbox';
import type { TokenScope } from './tokens';

export const HUB_PATH = '/hub';

export interface HubOptions extends DoorOptions {
  /** Name of the hub in its messages. Default `hub`. */
  readonly name?: string;
  readonly software?: string;
  /** A peer has said hello. Subscribe to its `messages$` here. */
  onPeer(peer: HubPeer): void;
  readonly handshakeTimeoutMs?: number;
  readonly logger?: Logger;
}

export interface Hub extends Door {
  /** The peers that are connected. */
  readonly peers: ReadonlySet<HubPeer>;
  /** Changes with the process: tells a service that the hub has forgotten its leases. */
  readonly session: string;
}

/** What a viewer may say: it watches, it does no work. */
const VIEWER_KINDS: readonly MessageKind[] = ['subscribe', 'unsubscribe', 'ping'];

/** Listens on loopback unless told otherwise. Throws TRANSPORT_LISTEN. */
export async function serveHub(options: HubOptions): Promise<Hub> {
  const peers = new Set<Peer>();
  const context: Context = {
    peers,
    session: newId(),
    name: options.name ?? 'hub',
    heartbeatMs: options.heartbeatMs ?? PROTOCOL_LIMITS.heartbeatMs,
    logger: options.logger ?? silentLogger,
    options,
  };
  const door = await openDoor(options, {
    path: HUB_PATH,
    maxFrameBytes: PROTOCOL_LIMITS.maxControlBytes,
    onSocket: (accepted) => greet(accepted, context),
  });
  return {
    peers,
    session: context.session,
    get port() {
      return door.port;
    },
    get url() {
      return door.url;
    },
    close: () => door.close(),
    [Symbol.asyncDispose]: () => door.close(),
  };
}

interface Context {
  readonly peers: Set<Peer>;
  readonly session: string;
  readonly name: string;
  readonly heartbeatMs: number;
  readonly logger: Logger;
  readonly options: HubOptions;
}

/** From the open socket to the peer: the first message must be a hello that we can answer. */
function greet(accepted: Accepted, context: Context): void {
  // A plugin has a door of its own, at its host.
  if (accepted.scope === 'plugin') return accepted.socket.close(CLOSE.FORBIDDEN);
  const { name, logger } = context;
  let peer: Peer | undefined;
  const channel = new Channel(accepted.socket, {
    name,
    peer: accepted.remote,
    logger,
    onMessage: (received) => {
      if (peer) return peer.receive(received);
      if (received.kind !== 'hello') {
        return channel.close({ ...CLOSE.BAD_MESSAGE, reason: 'hello must come first' });
      }
      peer = admit(received, { accepted, channel, context });
    },
  });
  const timeoutMs = context.options.handshakeTimeoutMs ?? PROTOCOL_LIMITS.handshakeTimeoutMs;
  const timer = setTimeout(() => {
    if (!peer) channel.close(CLOSE.HANDSHAKE_TIMEOUT);
  }, timeoutMs);
  void channel.closed.then(() => {
    clearTimeout(timer);
    if (!peer) return;
    context.peers.delete(peer);
    peer.end();
  });
}

interface Admission {
  readonly accepted: Accepted;
  readonly channel: Channel;
  readonly context: Context;
}

function admit(hello: Message<'hello'>, { accepted, channel, context }: Admission): Peer | undefined {
  const { name, peers } = context;
  const { body } = hello;
  if (!body.protocols.includes(PROTOCOL_VERSION)) {
    const text = `the hub speaks protocol ${PROTOCOL_VERSION}, "${body.service}" speaks ${body.protocols.join(', ')}; run the same version on both ends.`;
    channel.send(
      message(
        'refuse',
        { re: hello.id, code: 'PROTOCOL_VERSION', message: text, retryable: false },
        { from: name },
      ),
    );
    channel.close(CLOSE.VERSION);
    return undefined;
  }
  const peer = new Peer(body, accepted, channel);
  // A viewer cannot push a service out by taking its name.
  if (peer.scope === 'service') {
    for (const other of peers) {
      if (other.scope === 'service' && other.service === peer.service) other.close(CLOSE.REPLACED);
    }
  }
  peers.add(peer);
  const welcome = {
    re: hello.id,
    protocol: PROTOCOL_VERSION,
    hub: name,
    software: context.options.software,
    session: context.session,
    nowMs: Date.now(),
    heartbeatMs: Math.max(1, context.heartbeatMs),
  };
  channel.send(message('welcome', welcome, { from: name }));
  context.options.onPeer(peer);
  return peer;
}

class Peer implements HubPeer {
  readonly service: string;
  readonly scope: TokenScope;
  readonly remote: string;
  readonly messages$: Observable<Message>;
  readonly closed: Promise<CloseInfo>;
  private readonly inbox = new Inbox(() => this.close(CLOSE.TOO_SLOW));

  constructor(
    readonly hello: HelloBody,
    accepted: Accepted,
    private readonly channel: Channel,
  ) {
    this.service = hello.service;
    this.scope = accepted.scope;
    this.remote = accepted.remote;
    this.messages$ = this.inbox.messages$;
    this.closed = channel.closed;
  }

  send(value: Message): void {
    this.channel.send(value);
  }

  request<Kind extends RequestKind>(
    value: Message<Kind>,
    options?: RequestOptions,
  ): Promise<Message<AnswerKinds[Kind]>> {
    return this.channel.request(value, answerKind(value.kind as Kind), options);
  }

  close(why: CloseInfo = CLOSE.NORMAL): void {
    this.channel.close(why);
  }

  receive(received: Message): void {
    if (this.scope === 'viewer' && !VIEWER_KINDS.includes(received.kind)) return this.close(CLOSE.FORBIDDEN);
    this.inbox.deliver(received);
  }

  end(): void {
    this.inbox.end();
  }
}
