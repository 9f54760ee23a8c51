/** Which rows and which outputs of a tensor have any weight left: said first, so that dead ones cost nothing afterwards. */
import { AdaptiveBits } from './adaptive-bits';
import { previousChannelRow, shiftedRow, type KernelView } from './kernel-view';
import type { BinaryCoder } from './range-coder';

export interface LiveLines {
  /** Ascending. */
  readonly rows: Int32Array;
  readonly outputs: Int32Array;
}

/** One flag a row and one an output (1 = alive), from the codes [rows, outputs]. */
export function findLive(view: KernelView, codes: Uint16Array): { rows: Uint8Array; outputs: Uint8Array } {
  const rows = new Uint8Array(view.rows);
  const outputs = new Uint8Array(view.outputs);
  for (let row = 0, i = 0; row < view.rows; row++) {
    for (let output = 0; output < view.outputs; output++, i++) {
      if (codes[i] === 0) continue;
      rows[row] = 1;
      outputs[output] = 1;
    }
  }
  return { rows, outputs };
}

/**
 * Codes the flags. A row's context is whether its neighbours above, to the left, beside those and in the channel before are
 * alive; an output's is the two before it. `codes` is what is to be encoded, or undefined when decoding.
 */
export function codeLiveLines(coder: BinaryCoder, view: KernelView, codes?: Uint16Array): LiveLines {
  const flags = codes ? findLive(view, codes) : undefined;
  const rows = new Uint8Array(view.rows + 1);
  const rowBits = new AdaptiveBits(32);
  for (let row = 0; row < view.rows; row++) {
    const context =
      rows[shiftedRow(view, row, [0, -1])] +
      2 * rows[shiftedRow(view, row, [-1, 0])] +
      4 * rows[shiftedRow(view, row, [-1, -1])] +
      8 * rows[shiftedRow(view, row, [-1, 1])] +
      16 * rows[previousChannelRow(view, row)];
    rows[row] = rowBits.code(coder, context, flags ? flags.rows[row] : 0);
  }
  const outputs = new Uint8Array(view.outputs);
  const outputBits = new AdaptiveBits(4);
  for (let output = 0; output < view.outputs; output++) {
    const context = (outputs[output - 1] ?? 0) + 2 * (outputs[output - 2] ?? 0);
    outputs[output] = outputBits.code(coder, context, flags ? flags.outputs[output] : 0);
  }
  return { rows: indexesOf(rows, view.rows), outputs: indexesOf(outputs, view.outputs) };
}

function indexesOf(flags: Uint8Array, size: number): Int32Array {
  const indexes: number[] = [];
  for (let i = 0; i < size; i++) if (flags[i]) indexes.push(i);
  return Int32Array.from(indexes);
}
