/** The client's side of opening a socket: resolves when it is open, with a frame subscription in place from the start. */
import { errorMessage } from '@espalier/base';
import { PROTOCOL_LIMITS } from '@espalier/protocol';
import { WebSocket } from 'ws';
import { CLOSE } from './close-codes';
import { transportError } from './errors';
import { wrapSocket, type Socket } from './socket';

export interface DialOptions {
  readonly url: string;
  readonly token: string;
  /** Largest message in bytes that is taken from the server. */
  readonly maxFrameBytes: number;
  readonly heartbeatMs?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * `onOpen` gets the socket in the turn in which it opens, so that no message is lost. Throws TRANSPORT_UNREACHABLE
 * (retryable), TRANSPORT_REFUSED (token, Origin, path), TRANSPORT_CANCELLED.
 */
export async function dial<T>(options: DialOptions, onOpen: (socket: Socket) => T): Promise<T> {
  const { url, signal } = options;
  if (signal?.aborted) throw transportError('TRANSPORT_CANCELLED', { what: `connecting to ${url}` });
  const ws = new WebSocket(url, {
    headers: { authorization: `Bearer ${options.token}` },
    perMessageDeflate: false,
    maxPayload: options.maxFrameBytes,
    handshakeTimeout: options.timeoutMs ?? PROTOCOL_LIMITS.handshakeTimeoutMs,
  });
  const socket = wrapSocket(ws, {
    peer: url,
    heartbeatMs: options.heartbeatMs ?? PROTOCOL_LIMITS.heartbeatMs,
  });
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
