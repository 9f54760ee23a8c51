/** A program's end of `/view`: what it wants to see goes out, what it is shown comes in. Connecting again is the caller's affair. */
import { errorMessage } from '@espalier/base';
import {
  decodeMessage,
  decodeViewData,
  encodeMessage,
  message,
  PROTOCOL_LIMITS,
  type Topic,
  type ViewDataMessage,
  type WelcomeBody,
} from '@espalier/protocol';
import { CLOSE, type CloseInfo } from '../close-codes';
import { dial } from '../dial';
import type { Socket } from '../socket';

export interface DialViewOptions {
  /** `ws://host:port/view`. */
  readonly url: string;
  readonly token: string;
  readonly signal?: AbortSignal;
  onWelcome?(welcome: WelcomeBody): void;
  /** A slow one slows the connection down, and sees the latest state afterwards. */
  onData(data: ViewDataMessage): void;
}

export interface View extends AsyncDisposable {
  /** Everything that it wants to see from now on. */
  watch(topics: readonly Topic[]): void;
  readonly closed: Promise<CloseInfo>;
  /** Stops reading, and goes on. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Throws TRANSPORT_UNREACHABLE, TRANSPORT_REFUSED, TRANSPORT_CANCELLED. */
export function dialView(options: DialViewOptions): Promise<View> {
  const { url, token, signal } = options;
  return dial({ url, token, signal, maxFrameBytes: PROTOCOL_LIMITS.maxFrameBytes }, (socket) => {
    socket.frames$.subscribe((frame) => {
      try {
        receive(frame, options);
      } catch (error) {
        socket.close({ ...CLOSE.BAD_MESSAGE, reason: errorMessage(error).slice(0, 100) });
      }
    });
    return viewOf(socket);
  });
}

/** A data message is an array of two, a control message a map. */
function receive(frame: Uint8Array, { onWelcome, onData }: DialViewOptions): void {
  if (frame[0] === 0x92) return onData(decodeViewData(frame));
  const received = decodeMessage(frame);
  if (received.kind === 'welcome') onWelcome?.(received.body);
}

function viewOf(socket: Socket): View {
  const close = (): void => socket.close(CLOSE.NORMAL);
  return {
    watch(topics) {
      const bytes = encodeMessage(message('view.watch', { topics: [...topics] }, { from: 'viewer' }));
      // Whoever connects again says it again.
      socket.send(bytes).catch(() => undefined);
    },
    closed: socket.closed,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close,
    async [Symbol.asyncDispose]() {
      close();
      await socket.closed;
    },
  };
}
