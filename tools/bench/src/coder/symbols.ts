/** The whole numbers that every coder of the bench gets, and the plain files that general compressors get them in. */
import { quantiseLinearly } from '@espalier/encoding';
import type { Kernel } from './networks';

/** DC16 shares convolutions with 8 bits and dense layers with 5. */
const BITS = { conv: 8, dense: 5 } as const;

export interface SymbolTensor {
  readonly kernel: Kernel;
  readonly step: number;
  /** [..., outputs]: multiples of the step. */
  readonly symbols: Int32Array;
}

/** Multiples of a step so large that the greatest weight is the greatest multiple; what rounds to 0 is gone. */
export function symbolsOf(kernel: Kernel): SymbolTensor {
  const bits = kernel.shape.length === 4 ? BITS.conv : BITS.dense;
  const { codes, codebook, step } = quantiseLinearly(kernel.values, { bits });
  const multiples = Int32Array.from(codebook, (value) => Math.round(value / step));
  const symbols = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i++) if (codes[i] > 0) symbols[i] = multiples[codes[i] - 1];
  return { kernel, step, symbols };
}

/** A plain file of all tensors, one after the other. */
export interface PlainForm {
  readonly form: string;
  readonly bytes: Uint8Array;
}

/**
 * Symbols fit one byte; a gap is the number of zeros before a symbol, 255 going on. By row, and by output; of a `large` network
 * by row only, and not one byte a weight, which takes the compressors minutes.
 */
export function plainForms(tensors: readonly SymbolTensor[], large: boolean): PlainForm[] {
  const byRow = tensors.map(({ symbols }) => symbols);
  if (large) return sparseForms('by row', byRow);
  const byOutput = tensors.map(({ symbols, kernel }) =>
    transposed(symbols, kernel.shape[kernel.shape.length - 1]),
  );
  return [
    { form: 'bytes, by row', bytes: join(byRow.map((list) => Uint8Array.from(list, lowByte))) },
    { form: 'bytes, by output', bytes: join(byOutput.map((list) => Uint8Array.from(list, lowByte))) },
    ...sparseForms('by row', byRow),
    ...sparseForms('by output', byOutput),
  ];
}

function sparseForms(order: string, lists: readonly Int32Array[]): PlainForm[] {
  return [
    {
      form: `bitmap and values, ${order}`,
      bytes: join(lists.flatMap((list) => [bitmap(list), values(list)])),
    },
    { form: `gaps and values, ${order}`, bytes: join(lists.flatMap((list) => [gaps(list), values(list)])) },
    { form: `gaps and values in turn, ${order}`, bytes: join(lists.map(gapsAndValues)) },
  ];
}

function lowByte(value: number): number {
  return value & 255;
}

function transposed(symbols: Int32Array, outputs: number): Int32Array {
  const rows = symbols.length / outputs;
  const turned = new Int32Array(symbols.length);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let output = 0; output < outputs; output++, i++) turned[output * rows + row] = symbols[i];
  }
  return turned;
}

function bitmap(list: Int32Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(list.length / 8));
  for (let i = 0; i < list.length; i++) if (list[i] !== 0) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}

function values(list: Int32Array): Uint8Array {
  return Uint8Array.from(
    list.filter((value) => value !== 0),
    lowByte,
  );
}

function gaps(list: Int32Array): Uint8Array {
  return gapBytes(list, () => undefined);
}

function gapsAndValues(list: Int32Array): Uint8Array {
  return gapBytes(list, (value) => lowByte(value));
}

function gapBytes(list: Int32Array, after: (value: number) => number | undefined): Uint8Array {
  const bytes: number[] = [];
  let gap = 0;
  for (let i = 0; i < list.length; i++) {
    if (list[i] === 0) {
      gap++;
      continue;
    }
    for (; gap >= 255; gap -= 255) bytes.push(255);
    bytes.push(gap);
    gap = 0;
    const more = after(list[i]);
    if (more !== undefined) bytes.push(more);
  }
  return Uint8Array.from(bytes);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
