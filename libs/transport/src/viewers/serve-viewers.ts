/**
 * The door for viewers: path `/view`. A viewer says what it wants to see, and answers pings; what it is sent is chosen by the owner
 * of the door, who looks at `queuedBytes` first. Nothing waits here.
 */
import { errorMessage, silentLogger, type Logger } from '@espalier/base';
import {
  decodeMessage,
  encodeMessage,
  message,
  PROTOCOL_LIMITS,
  PROTOCOL_VERSION,
  type Message,
  type ViewWatchBody,
} from '@espalier/protocol';
import { openDoor, type Accepted, type Door, type DoorOptions } from '../accept';
import { CLOSE, type CloseInfo } from '../close-codes';
import type { Socket } from '../socket';

export const VIEW_PATH = '/view';

/** A pong is not sent to who does not read: it asks again. */
const MAX_QUEUED_PONG_BYTES = 64 * 1024;

export interface Viewer {
  readonly remote: string;
  readonly isOpen: boolean;
  /** Bytes that were sent and are not yet with the operating system. */
  readonly queuedBytes: number;
  /** What it wants to see, each time that it says so. Set in the turn in which the viewer comes. */
  onWatch: (body: ViewWatchBody) => void;
  /** Resolves when the bytes are with the operating system; rejects with TRANSPORT_DISCONNECTED. */
  send(frame: Uint8Array): Promise<void>;
  readonly closed: Promise<CloseInfo>;
  close(why?: CloseInfo): void;
}

export interface ServeViewersOptions extends DoorOptions {
  /** Name of the coordinator in its messages. */
  readonly name: string;
  readonly software?: string;
  /** Changes with the process: tells a page that its picture may be of before. */
  readonly session: string;
  readonly logger?: Logger;
  onViewer(viewer: Viewer): void;
}

/** Throws TRANSPORT_LISTEN. Tokens of the scope `viewer` are let in, and no others. */
export function serveViewers(options: ServeViewersOptions): Promise<Door> {
  return openDoor(options, {
    path: VIEW_PATH,
    maxFrameBytes: PROTOCOL_LIMITS.maxControlBytes,
    onSocket: (accepted) => welcome(accepted, options),
  });
}

function welcome({ socket, scope, remote }: Accepted, options: ServeViewersOptions): void {
  if (scope !== 'viewer') return socket.close(CLOSE.FORBIDDEN);
  const { name, software, session, heartbeatMs = PROTOCOL_LIMITS.heartbeatMs } = options;
  const viewer: Viewer = {
    remote,
    get isOpen() {
      return socket.isOpen;
    },
    get queuedBytes() {
      return socket.queuedBytes;
    },
    onWatch: () => undefined,
    send: (frame) => socket.send(frame),
    closed: socket.closed,
    close: (why = CLOSE.NORMAL) => socket.close(why),
  };
  socket.frames$.subscribe((frame) => receive(frame, { socket, viewer, options }));
  sendNow(
    socket,
    message(
      'welcome',
      // It said no hello that this could answer.
      {
        re: 'view',
        protocol: PROTOCOL_VERSION,
        hub: name,
        software,
        session,
        nowMs: Date.now(),
        heartbeatMs: Math.max(1, heartbeatMs),
      },
      { from: name },
    ),
  );
  options.onViewer(viewer);
}

interface Connection {
  readonly socket: Socket;
  readonly viewer: Viewer;
  readonly options: ServeViewersOptions;
}

function receive(frame: Uint8Array, { socket, viewer, options }: Connection): void {
  let received: Message;
  try {
    received = decodeMessage(frame);
  } catch (error) {
    const problem = errorMessage(error);
    (options.logger ?? silentLogger).warn('a bad message cuts a viewer off', {
      peer: viewer.remote,
      problem,
    });
    return socket.close({ ...CLOSE.BAD_MESSAGE, reason: problem.slice(0, 100) });
  }
  switch (received.kind) {
    case 'view.watch':
      return viewer.onWatch(received.body);
    case 'ping':
      if (socket.queuedBytes <= MAX_QUEUED_PONG_BYTES) {
        sendNow(socket, message('pong', { re: received.id }, { from: options.name }));
      }
      return;
    case 'pong':
      return;
    default:
      socket.close(CLOSE.FORBIDDEN);
  }
}

function sendNow(socket: Socket, value: Message): void {
  // A connection that is down tells its owner by `closed`.
  socket.send(encodeMessage(value)).catch(() => undefined);
}
