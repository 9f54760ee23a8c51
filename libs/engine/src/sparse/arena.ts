/** Where things lie in the kernels' memory: laid out first, then made and filled at once. */

/** Vectors are read whole; a cache line is 64 bytes. */
const ALIGNMENT = 64;
export const PAGE_BYTES = 65536;

export type Words = Int32Array | Uint32Array | Float32Array;

export class Arena {
  private end = ALIGNMENT;
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

  fill(buffer: ArrayBuffer): void {
    for (const { address, words } of this.contents) {
      new Uint8Array(buffer, address, words.byteLength).set(
        new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
      );
    }
  }
}
