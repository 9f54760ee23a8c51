/**
 * The server's door: WebSocket upgrades on one path of an HTTP server, its own or one that is there already. Before a
 * socket opens: path, Origin, token, number of connections. Loopback by default.
 */
import { errorMessage } from '@espalier/base';
import { PROTOCOL_LIMITS } from '@espalier/protocol';
import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { CLOSE } from './close-codes';
import { transportError } from './errors';
import { wrapSocket, type Socket } from './socket';
import { SUBPROTOCOL, tokenOf, type ScopedToken, type TokenScope } from './tokens';

/** A local run has five services, some viewers and their transfers. */
const DEFAULT_MAX_CONNECTIONS = 256;
const LOOPBACK = '127.0.0.1';

export interface DoorOptions {
  /** An HTTP server that listens already or will; without it one is made on `host` and `port`. */
  readonly server?: Server;
  /** Default: loopback. Anything else is reachable from other machines. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** A Unix socket in place of host and port, for peers that have no network. */
  readonly socketPath?: string;
  readonly tokens: readonly ScopedToken[];
  /** Knows requests by something else than a token of the list, e.g. by a cookie. Asked first. */
  readonly authorize?: (request: IncomingMessage) => ScopedToken | undefined;
  /** Origins of browsers that are let in, e.g. `http://127.0.0.1:7000`. Default: none. Requests without Origin are no browser's. */
  readonly origins?: readonly string[];
  readonly heartbeatMs?: number;
  readonly maxConnections?: number;
}

export interface Accepted {
  readonly socket: Socket;
  readonly scope: TokenScope;
  readonly token: string;
  readonly remote: string;
}

export interface Door extends AsyncDisposable {
  /** `ws://host:port/path`, with the host as it was given: a service that listens on 0.0.0.0 announces another; or `ws+unix:PATH:/path`. */
  readonly url: string;
  /** 0 while an HTTP server that was given does not listen yet. */
  readonly port: number;
  /** Closes all connections, and the HTTP server if it was made here. */
  close(): Promise<void>;
}

export interface DoorHandler {
  readonly path: string;
  /** Largest message in bytes. */
  readonly maxFrameBytes: number;
  onSocket(accepted: Accepted): void;
}

export async function openDoor(options: DoorOptions, handler: DoorHandler): Promise<Door> {
  const own = options.server === undefined;
  const server = options.server ?? createServer((_request, response) => response.writeHead(404).end());
  const sockets = new Set<Socket>();
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: handler.maxFrameBytes,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const isOurs = new URL(request.url ?? '/', 'http://host').pathname === handler.path;
    if (!isOurs) return own ? deny(stream, 404) : undefined;
    const origin = request.headers.origin;
    if (origin !== undefined && !(options.origins ?? []).includes(origin)) return deny(stream, 403);
    const credential = options.authorize?.(request) ?? tokenOf(request, options.tokens);
    if (credential === undefined) return deny(stream, 401);
    if (sockets.size >= (options.maxConnections ?? DEFAULT_MAX_CONNECTIONS)) return deny(stream, 503);
    const remote = `${request.socket.remoteAddress}:${request.socket.remotePort}`;
    wss.handleUpgrade(request, stream, head, (ws) => {
      const heartbeatMs = options.heartbeatMs ?? PROTOCOL_LIMITS.heartbeatMs;
      const socket = wrapSocket(ws, { peer: remote, heartbeatMs });
      sockets.add(socket);
      void socket.closed.then(() => sockets.delete(socket));
      handler.onSocket({ socket, ...credential, remote });
    });
  };

  server.on('upgrade', onUpgrade);
  const host = options.host ?? LOOPBACK;
  if (own) await listen(server, options.socketPath ?? { host, port: options.port ?? 0 });
  const shownHost = host.includes(':') ? `[${host}]` : host;

  const close = async (): Promise<void> => {
    server.off('upgrade', onUpgrade);
    for (const socket of sockets) socket.close(CLOSE.GOING_AWAY);
    await Promise.all([...sockets].map((socket) => socket.closed));
    if (own && server.listening) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  };
  const portNow = (): number => (server.address() as AddressInfo | null)?.port ?? 0;
  const { socketPath } = options;
  return {
    get port() {
      return portNow();
    },
    get url() {
      if (socketPath !== undefined) return `ws+unix:${socketPath}:${handler.path}`;
      return `ws://${shownHost}:${portNow()}${handler.path}`;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** On a Unix socket, or host and port. */
async function listen(
  server: Server,
  at: string | { readonly host: string; readonly port: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const { host, port } = typeof at === 'string' ? { host: at, port: 0 } : at;
    server.once('error', (cause) => {
      reject(transportError('TRANSPORT_LISTEN', { host, port, reason: errorMessage(cause) }, { cause }));
    });
    server.listen(typeof at === 'string' ? { path: at } : at, () => resolve());
  });
}

/** An HTTP answer in place of the upgrade. Says no more than the status. */
function deny(stream: Duplex, status: number): void {
  stream.on('error', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
