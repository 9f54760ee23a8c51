/** The client's side of opening a socket: resolves when it is open, with a frame subscription in place from the start. */
import { errorMessage } from '@espalier/base';
import { PROTOCOL_LIMITS } from '@espalier/protocol';
import type { createConnection } from 'node:net';
import { WebSocket } from 'ws';
import { CLOSE } from './close-codes';
import { transportError } from './errors';
import { FrameTap, type TapOptions, type TapTarget } from './frame-tap';
import { wrapSocket, type Socket } from './socket';

export interface DialOptions {
  readonly url: string;
  readonly token: string;
  /** Largest message in bytes that is taken from the server. */
  readonly maxFrameBytes: number;
  readonly heartbeatMs?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Takes whole binary messages past `ws`, where the connection is plain TCP; else they come as frames of the socket. */
  readonly tap?: Omit<TapOptions, 'maxFrameBytes'>;
  /**
   * Masks messages with zeros, which costs nothing. The mask is there for the sake of proxies between browsers and servers (RFC 6455
   * section 10.3); between two processes of ours there is none.
   */
  readonly zeroMask?: boolean;
}

/** Plain connections. */
const TAPPED = ['ws:', 'ws+unix:'];

/**
 * `onOpen` gets the socket in the turn in which it opens, so that no message is lost. Throws TRANSPORT_UNREACHABLE
 * (retryable), TRANSPORT_REFUSED (token, Origin, path), TRANSPORT_CANCELLED.
 */
export async function dial<T>(options: DialOptions, onOpen: (socket: Socket) => T): Promise<T> {
  const { url, signal } = options;
  if (signal?.aborted) throw transportError('TRANSPORT_CANCELLED', { what: `connecting to ${url}` });
  const { tap, maxFrameBytes } = options;
  let heard = (): void => undefined;
  const tapped = (target: TapTarget): FrameTap =>
    new FrameTap(target, {
      maxFrameBytes,
      take: (bytes) => tap?.take(bytes) ?? new Uint8Array(bytes),
      onFrame(frame) {
        heard();
        tap?.onFrame(frame);
      },
    });
  const ws = new WebSocket(url, {
    headers: { authorization: `Bearer ${options.token}` },
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    handshakeTimeout: options.timeoutMs ?? PROTOCOL_LIMITS.handshakeTimeoutMs,
    ...(tap && TAPPED.includes(new URL(url).protocol)
      ? { createConnection: tapped as unknown as typeof createConnection }
      : {}),
    ...(options.zeroMask ? { generateMask: (mask: Buffer) => void mask.fill(0) } : {}),
  });
  const socket = wrapSocket(ws, {
    peer: url,
    heartbeatMs: options.heartbeatMs ?? PROTOCOL_LIMITS.heartbeatMs,
  });
  heard = () => socket.heard();
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      socket.close(CLOSE.GOING_AWAY);
      reject(transportError('TRANSPORT_CANCELLED', { what: `connecting to ${url}` }));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const settled = (): void => signal?.removeEventListener('abort', onAbort);
    ws.once('open', () => {
      settled();
      resolve(onOpen(socket));
    });
    ws.once('unexpected-response', (request, response) => {
      settled();
      request.destroy();
      const reason = `HTTP ${response.statusCode} ${response.statusMessage}`;
      const isBusy = response.statusCode === 503;
      reject(transportError(isBusy ? 'TRANSPORT_UNREACHABLE' : 'TRANSPORT_REFUSED', { url, reason }));
    });
    ws.once('error', (cause) => {
      settled();
      reject(
        transportError(
          'TRANSPORT_UNREACHABLE',
          { url, reason: errorMessage(cause) || 'no connection' },
          { cause },
        ),
      );
    });
  });
}
