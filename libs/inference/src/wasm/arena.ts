/** Where everything lies in the one memory: laid out before there is a memory, as addresses go into the code. */
import { inferenceError } from '../errors';
import { PAGE_BYTES } from './module-builder';

type Placed = Float32Array | Uint32Array | Uint16Array | Uint8Array;

/** 64 KiB pages that a module may declare. */
const MAX_PAGES = 65535;
const ALIGNMENT = 16;

/**
 * Kernels work in whole vectors and tiles: they may read beyond the end of what they need, and write beyond the end of what they
 * give, into bytes that nobody relies on. That many bytes lie behind each thing that is written.
 */
const SLACK_BYTES = 64;

export class Arena {
  private next = ALIGNMENT;
  private readonly placed: { readonly at: number; readonly data: Placed }[] = [];

  /** `count` float32, zero at first. @returns the address */
  reserve(count: number): number {
    const at = this.next;
    this.next = Math.ceil((at + 4 * count + SLACK_BYTES) / ALIGNMENT) * ALIGNMENT;
    return at;
  }

  /** Room that holds `data` from the start. @returns the address */
  place(data: Placed): number {
    const at = this.reserve(data.byteLength / 4);
    this.placed.push({ at, data });
    return at;
  }

  /** What reserved room holds from the start, if not zeros. */
  preset(at: number, data: Placed): void {
    this.placed.push({ at, data });
  }

  get bytes(): number {
    return this.next;
  }

  /** One page more than is used, as tiles may read that far. Throws INFERENCE_MEMORY. */
  pages(): number {
    const pages = Math.ceil(this.next / PAGE_BYTES) + 1;
    if (pages <= MAX_PAGES) return pages;
    throw inferenceError('INFERENCE_MEMORY', { bytes: this.next, limit: MAX_PAGES * PAGE_BYTES });
  }

  /** Copies what was placed, and lets go of it. */
  fill(memory: ArrayBuffer): void {
    const bytes = new Uint8Array(memory);
    for (const { at, data } of this.placed.splice(0)) {
      bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    }
  }
}
