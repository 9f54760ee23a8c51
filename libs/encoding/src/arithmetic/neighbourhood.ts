/** Which rows lie around each row: fixed by the tensor's shape, its live rows and the order of the scan. */
import { previousChannelRow, shiftedRow, type KernelView } from './kernel-view';

/** Rows that are looked at around a weight of the same output, as [down, right]; then the row of the channel before. */
const TAPS = [
  [0, -1],
  [-1, 0],
  [-1, -1],
  [-1, 1],
  [0, -2],
  [-2, 0],
] as const;
export const TAP_COUNT = TAPS.length + 1;

const BESIDE = [
  [0, -1],
  [-1, 0],
  [0, 1],
  [1, 0],
] as const;
/** Four in the plane, and the channels before and after. */
export const BESIDE_COUNT = BESIDE.length + 2;

export interface Neighbourhood {
  /** [rows, TAP_COUNT]: the rows that the neighbours are in; `view.rows` beyond the border. */
  readonly taps: Int32Array;
  /** [rows, BESIDE_COUNT]: the live rows next to each row, then -1. */
  readonly beside: Int32Array;
  /** [rows]: how many of those stand before it in the scan, and after it. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** [rows]: its place among the live rows of its channel. */
  readonly rankInChannel: Int32Array;
}

/** `scanned`: the live rows in the order of the scan. */
export function neighbourhoodOf(view: KernelView, scanned: Int32Array): Neighbourhood {
  const taps = new Int32Array(view.rows * TAP_COUNT);
  const beside = new Int32Array(view.rows * BESIDE_COUNT).fill(-1);
  const before = new Uint8Array(view.rows);
  const after = new Uint8Array(view.rows);
  const rankInChannel = new Int32Array(view.rows);
  const place = new Int32Array(view.rows + 1).fill(-1);
  scanned.forEach((row, i) => (place[row] = i));
  const inChannel = new Int32Array(view.channels);
  for (const row of scanned) {
    TAPS.forEach((shift, i) => (taps[row * TAP_COUNT + i] = shiftedRow(view, row, shift)));
    taps[row * TAP_COUNT + TAPS.length] = previousChannelRow(view, row);
    const channel = row % view.channels;
    rankInChannel[row] = inChannel[channel]++;
    const next = BESIDE.map((shift) => shiftedRow(view, row, shift));
    if (channel > 0) next.push(row - 1);
    if (channel < view.channels - 1) next.push(row + 1);
    next
      .filter((other) => place[other] >= 0)
      .forEach((other, i) => {
        beside[row * BESIDE_COUNT + i] = other;
        if (place[other] < place[row]) before[row]++;
        else after[row]++;
      });
  }
  return { taps, beside, before, after, rankInChannel };
}
