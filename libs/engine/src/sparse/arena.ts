/** Where things lie in the kernels' memory: laid out first, then made and filled at once. */
import { MEMORY_MAP } from './memory-map';

/** Two cache lines, which a processor fetches together: what two threads write to lies in others. */
const ALIGNMENT = 128;

export type Words = Int32Array | Uint32Array | Float32Array;

export class Arena {
  private end: number = MEMORY_MAP.free;
  private readonly contents: { readonly address: number; readonly words: Words }[] = [];

  get bytes(): number {
    return this.end;
  }

  /** Room for `bytes`, all 0. */
  room(bytes: number): number {
    const address = this.end;
    this.end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  place(words: Words): number {
    const address = this.room(words.byteLength);
    this.contents.push({ address, words });
    return address;
  }

  fill(buffer: ArrayBufferLike): void {
    for (const { address, words } of this.contents) {
      new Uint8Array(buffer, address, words.byteLength).set(
        new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
      );
    }
  }
}
