/**
 * The masked form (see `@espalier/tensor` forms.ts: bitmap padded to 4 bytes, then the elements that are not +0.0) from
 * file to file, for tensors that do not fit in memory: two pieces at a time, whatever the size.
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { readFully, writeAll } from './files';

/** Elements a step: 1 MiB of dense bytes, 32 KiB of bitmap. A multiple of 8, so that steps meet at whole bytes. */
const STEP_ELEMENTS = 256 * 1024;

/** Where the values start: behind the bitmap, padded to whole words. */
export function bitmapBytes(elements: number): number {
  return (Math.ceil(elements / 8) + 3) & ~3;
}

/** A look at a large tensor: so many pieces of so many elements, spread evenly. 256 KiB in all. */
const SAMPLE_PIECES = 64;
const SAMPLE_ELEMENTS = 1024;
/** Below this share of zeros in the sample a masked form is not tried: the bitmap alone costs 1/32. */
const WORTH_ZEROS = 1 / 16;

/**
 * Is the masked form of `elements` float32 worth the trouble of making it? By a sample, so that a dense tensor is not read,
 * and written to a file, as a whole only to find out. A tensor that is judged wrongly travels dense.
 */
export async function looksMaskable(dense: FileHandle, elements: number): Promise<boolean> {
  const words = new Uint32Array(Math.min(SAMPLE_ELEMENTS, elements));
  let zeros = 0;
  for (let piece = 0; piece < SAMPLE_PIECES; piece++) {
    const first = Math.floor(((elements - words.length) * piece) / (SAMPLE_PIECES - 1));
    await readFully(dense, new Uint8Array(words.buffer), first * 4);
    for (const word of words) if (word === 0) zeros++;
  }
  return zeros >= WORTH_ZEROS * SAMPLE_PIECES * words.length;
}

/** Writes the masked form of `elements` float32 in `dense`; returns its length, or undefined when it would not be shorter. */
export async function encodeMaskedFile(
  dense: FileHandle,
  elements: number,
  out: { handle: FileHandle; path: string },
): Promise<number | undefined> {
  const padded = bitmapBytes(elements);
  let kept = 0;
  for (let first = 0; first < elements; first += STEP_ELEMENTS) {
    const count = Math.min(STEP_ELEMENTS, elements - first);
    const words = new Uint32Array(count);
    await readFully(dense, new Uint8Array(words.buffer), first * 4);
    const last = first + count === elements;
    const bitmap = new Uint8Array(last ? padded - first / 8 : count / 8);
    const values = new Uint32Array(count);
    let found = 0;
    for (let i = 0; i < count; i++) {
      if (words[i] === 0) continue;
      bitmap[i >> 3] |= 1 << (i & 7);
      values[found++] = words[i];
    }
    if (padded + (kept + found) * 4 >= elements * 4) return undefined;
    await writeAll(out.handle, bitmap, out.path, first / 8);
    await writeAll(out.handle, new Uint8Array(values.buffer, 0, found * 4), out.path, padded + kept * 4);
    kept += found;
  }
  return elements === 0 ? undefined : padded + kept * 4;
}

/** Writes the dense bytes back; returns their SHA-256, or a sentence that says why the form is broken. */
export async function decodeMaskedFile(
  masked: FileHandle,
  elements: number,
  out: { handle: FileHandle; path: string },
): Promise<{ digest: string } | { problem: string }> {
  const padded = bitmapBytes(elements);
  const total = (await masked.stat()).size;
  const hash = createHash('sha256');
  let position = padded;
  for (let first = 0; first < elements; first += STEP_ELEMENTS) {
    const count = Math.min(STEP_ELEMENTS, elements - first);
    const bitmap = new Uint8Array(Math.ceil(count / 8));
    await readFully(masked, bitmap, first / 8);
    const named = countBits(bitmap, count);
    const values = new Uint32Array(named);
    if ((await readFully(masked, new Uint8Array(values.buffer), position)) < named * 4) {
      return { problem: 'the bitmap names more values than there are' };
    }
    position += named * 4;
    const words = new Uint32Array(count);
    let next = 0;
    for (let i = 0; i < count; i++) if ((bitmap[i >> 3] >> (i & 7)) & 1) words[i] = values[next++];
    const bytes = new Uint8Array(words.buffer);
    hash.update(bytes);
    await writeAll(out.handle, bytes, out.path);
  }
  if (position !== total)
    return { problem: `the bitmap names ${position - padded} bytes of values, there are ${total - padded}` };
  return { digest: hash.digest('hex') };
}

function countBits(bitmap: Uint8Array, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += (bitmap[i >> 3] >> (i & 7)) & 1;
  return total;
}
