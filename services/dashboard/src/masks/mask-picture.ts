/** What is drawn of a layer's mask: for each weight, or each block of weights, how much of it is kept. */
import type { LayerView } from '@espalier/protocol/view';
import { blocksOf, MOST_BITS } from './mask-blocks';

export interface MaskPicture {
  readonly layer: string;
  /** Of the kernel, input-major: [in, out] or [kh, kw, in, out]. */
  readonly shape: readonly number[];
  readonly weights: number;
  readonly kept: number;
  /** One entry a weight ('bits', row-major), or one a block of weights ('cells', row-major over `grid`). */
  readonly shares: Uint8Array | Uint16Array;
  /** The entry of a weight or block of which all is kept; 0 where nothing is. */
  readonly full: number;
  /** [rows, columns] of a picture by blocks; their entries grow with the square root of the kept share. */
  readonly grid?: readonly [rows: number, columns: number];
  /** Entries count weights: those of all units together (`unit-sum.ts`). */
  readonly summed?: boolean;
}

/** As the wire has it: 4 bits a block, round(15 * sqrt(kept share)). */
const FULL_CELL = 15;

/** What a layer's view says, unpacked. A view without a picture gives undefined. Throws for one whose bytes do not fit its size. */
export async function maskPicture(view: LayerView): Promise<MaskPicture | undefined> {
  const { picture, shape, weights, kept, name } = view;
  if (!picture) return undefined;
  const bytes = await inflateRaw(fromBase64(picture.data));
  const base = { layer: name, shape, weights, kept };
  if (picture.form === 'bits') {
    requireBytes(name, bytes, Math.ceil(weights / 8));
    const shares = new Uint8Array(weights);
    for (let i = 0; i < weights; i++) shares[i] = (bytes[i >>> 3] >> (i & 7)) & 1;
    return { ...base, shares, full: 1 };
  }
  const cells = picture.rows * picture.cols;
  requireBytes(name, bytes, Math.ceil(cells / 2));
  const shares = new Uint8Array(cells);
  for (let i = 0; i < cells; i++) shares[i] = (bytes[i >>> 1] >> (4 * (i & 1))) & 15;
  return { ...base, shares, full: FULL_CELL, grid: [picture.rows, picture.cols] };
}

/** The mask that weights themselves show: a removed one is 0. */
export function maskOfValues(layer: string, shape: readonly number[], values: Float32Array): MaskPicture {
  const base = { layer, shape, weights: values.length, kept: countKept(values) };
  if (values.length > MOST_BITS) {
    return { ...base, ...blocksOf(shape, values), full: FULL_CELL };
  }
  return { ...base, shares: Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)), full: 1 };
}

function countKept(values: Float32Array): number {
  let kept = 0;
  for (const value of values) if (value !== 0) kept++;
  return kept;
}

function requireBytes(layer: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return;
  throw new Error(
    `the picture of layer "${layer}" should have ${expected} bytes, not ${bytes.length}; reload the page`,
  );
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

async function inflateRaw(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
