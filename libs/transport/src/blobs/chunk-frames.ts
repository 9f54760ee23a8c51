/** Buffers of chunks that are read, hashed and sent, used again and again: memory of a transfer stays what it is. */
import { CHUNK_ROOM_BYTES, PROTOCOL_LIMITS } from '@espalier/protocol';

/**
 * One that is read from the disk, one that is hashed, and the rest wait for the operating system to take them: with so many
 * both ends find work whenever they get a processor, also where they share it with others. Less than a window.
 */
const FRAMES = 12;

/** Room for a header, then that for a chunk's bytes. */
const FRAME_BYTES = CHUNK_ROOM_BYTES + PROTOCOL_LIMITS.maxChunkBytes;

export class ChunkFrames {
  private readonly free: Uint8Array[] = [];
  private made = 0;
  private readonly waiting: ((frame: Uint8Array) => void)[] = [];

  /** A free frame; waits for one. Whoever takes it gives it back. */
  take(): Promise<Uint8Array> {
    const frame = this.free.pop();
    if (frame) return Promise.resolve(frame);
    if (this.made < FRAMES) {
      this.made++;
      return Promise.resolve(new Uint8Array(FRAME_BYTES));
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  give(frame: Uint8Array): void {
    const next = this.waiting.shift();
    if (next) next(frame);
    else this.free.push(frame);
  }
}
