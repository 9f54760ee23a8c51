/**
 * The one place that touches `ws`: a connection as this lib uses it. Binary messages only, pings and pongs, an orderly
 * end. Text messages are a breach of the protocol.
 */
import { systemClock, type Clock } from '@espalier/base';
import { Observable } from 'rxjs';
import { WebSocket } from 'ws';
import { CLOSE, type CloseInfo } from './close-codes';
import { transportError } from './errors';

export interface Socket {
  /** Binary messages. Subscribe in the same turn in which the socket was made; nothing is kept for later. */
  readonly frames$: Observable<Uint8Array>;
  /** Resolves, never rejects, when the connection has ended. */
  readonly closed: Promise<CloseInfo>;
  readonly isOpen: boolean;
  /** Bytes that were sent and are not yet with the operating system. */
  readonly queuedBytes: number;
  /** Resolves when the bytes are with the operating system; rejects with TRANSPORT_DISCONNECTED. */
  send(bytes: Uint8Array): Promise<void>;
  close(why: CloseInfo): void;
  /** The peer has shown that it is alive, by something that does not come through this socket. */
  heard(): void;
  /** Stops reading: the peer is slowed down by TCP. */
  pause(): void;
  resume(): void;
}

/** How long an orderly close may take before the connection is cut. */
const CLOSE_GRACE_MS = 2_000;

export interface SocketOptions {
  /** Name of the other end, for errors. */
  readonly peer: string;
  /** A ping is sent at this interval; a peer that was silent for three is gone. 0 turns it off. */
  readonly heartbeatMs: number;
  readonly clock?: Clock;
}

export function wrapSocket(ws: WebSocket, options: SocketOptions): Socket {
  let lastError: Error | undefined;
  ws.on('error', (error) => (lastError = error));
  const closed = new Promise<CloseInfo>((resolve) => {
    ws.once('close', (code, reason) => {
      const text = reason.toString() || lastError?.message || '';
      resolve({ code, reason: text || `close code ${code}` });
    });
  });
  const close = (why: CloseInfo): void => {
    if (ws.readyState === WebSocket.CLOSED) return;
    ws.close(why.code, why.reason);
    const timer = setTimeout(() => ws.terminate(), CLOSE_GRACE_MS);
    timer.unref();
    void closed.then(() => clearTimeout(timer));
  };
  const heard =
    options.heartbeatMs > 0
      ? keepAlive(ws, options.heartbeatMs, options.clock ?? systemClock, closed)
      : (): void => undefined;

  return {
    frames$: new Observable((subscriber) => {
      const onMessage = (data: unknown, isBinary: boolean): void => {
        if (!isBinary) return close({ ...CLOSE.BAD_MESSAGE, reason: 'text message' });
        subscriber.next(data as Uint8Array);
      };
      const onClose = (): void => subscriber.complete();
      ws.on('message', onMessage);
      ws.once('close', onClose);
      return () => {
        ws.off('message', onMessage);
        ws.off('close', onClose);
      };
    }),
    closed,
    get isOpen() {
      return ws.readyState === WebSocket.OPEN;
    },
    get queuedBytes() {
      return ws.bufferedAmount;
    },
    send: (bytes) =>
      new Promise((resolve, reject) => {
        ws.send(bytes, { binary: true }, (error) => {
          if (!error) return resolve();
          reject(
            transportError(
              'TRANSPORT_DISCONNECTED',
              { peer: options.peer, reason: error.message },
              { cause: error },
            ),
          );
        });
      }),
    close,
    heard,
    pause: () => ws.pause(),
    resume: () => ws.resume(),
  };
}

/** Pings, and cuts a connection on which nothing came for three intervals; what is returned says that something did. */
function keepAlive(ws: WebSocket, heartbeatMs: number, clock: Clock, closed: Promise<unknown>): () => void {
  let silentTicks = 0;
  let lastTickMs = clock.monotonicMs();
  const heard = (): void => void (silentTicks = 0);
  for (const sign of ['message', 'ping', 'pong'] as const) ws.on(sign, heard);
  const timer = setInterval(() => {
    const now = clock.monotonicMs();
    // A tick that comes late means that this process was busy, not that the peer was silent: its pongs are unread.
    const late = now - lastTickMs > heartbeatMs * 1.5;
    lastTickMs = now;
    if (ws.readyState !== WebSocket.OPEN || ws.isPaused) return;
    if (!late && ++silentTicks > 3) {
      ws.close(CLOSE.SILENT.code, CLOSE.SILENT.reason);
      ws.terminate();
      return;
    }
    ws.ping();
  }, heartbeatMs);
  timer.unref();
  void closed.then(() => clearInterval(timer));
  return heard;
}
