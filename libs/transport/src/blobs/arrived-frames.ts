/** Messages of an owner that have arrived and wait to be looked at, and the buffers that chunks arrive in: used again and again. */
import { CHUNK_ROOM_BYTES, PROTOCOL_LIMITS } from '@espalier/protocol';

/** A buffer takes a chunk with its header. */
const BUFFER_BYTES = CHUNK_ROOM_BYTES + PROTOCOL_LIMITS.maxChunkBytes;
/** Shorter messages get a buffer of their own: the young generation's garbage costs little. */
const SHORT_BYTES = 16 * 1024;
/** Buffers that are kept for reuse; a window's worth is all that an honest owner can fill. */
const MAX_FREE = PROTOCOL_LIMITS.windowBytes / PROTOCOL_LIMITS.maxChunkBytes;

export class ArrivedFrames {
  private readonly frames: Uint8Array[] = [];
  /** The last one given back is the first one taken again: it may still be in the processor's cache. */
  private readonly free: ArrayBuffer[] = [];
  private bytes = 0;
  private wake: () => void = () => undefined;

  /** Called when more waits than an honest owner can have sent. */
  onTooMuch: () => void = () => undefined;

  /** A buffer for a message that is about to arrive. */
  take(bytes: number): Uint8Array {
    if (bytes < SHORT_BYTES || bytes > BUFFER_BYTES) return new Uint8Array(bytes);
    return new Uint8Array(this.free.pop() ?? new ArrayBuffer(BUFFER_BYTES), 0, bytes);
  }

  /** Nobody looks at this message any more. What is never given back is garbage like any other. */
  give(frame: Uint8Array): void {
    const { buffer } = frame;
    if (buffer.byteLength !== BUFFER_BYTES || this.free.length >= MAX_FREE) return;
    this.free.push(buffer as ArrayBuffer);
  }

  push(frame: Uint8Array): void {
    // Credit bounds what an honest owner sends ahead; headers are small beside the window.
    if (this.bytes > 2 * PROTOCOL_LIMITS.windowBytes) return this.onTooMuch();
    this.frames.push(frame);
    this.bytes += frame.byteLength;
    this.notify();
  }

  shift(): Uint8Array | undefined {
    const frame = this.frames.shift();
    this.bytes -= frame?.byteLength ?? 0;
    return frame;
  }

  /** Lets whoever waits look again. */
  notify(): void {
    this.wake();
  }

  /** Until the next `push` or `notify`. */
  changed(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}
