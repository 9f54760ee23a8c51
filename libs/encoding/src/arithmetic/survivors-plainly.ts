/** The survivors by the plain code: slower than the kernel, easier to read, and its oracle; and all of the first version's files. */
import type { Survivors } from './kernel/code-survivors';
import type { BinaryCoder } from './range-coder';
import { codeSignificance } from './significance-map';
import { codeValues } from './value-codes';

/** Returns the codes [rows, outputs]: 0 and 1 where there is no `split`. */
export function codeSurvivorsPlainly(
  coder: BinaryCoder,
  { scan, split, codes, afterIndex }: Survivors,
): Uint16Array {
  const map = codeSignificance(coder, scan, codes);
  afterIndex?.();
  const { rows, outputs } = scan.view;
  return split
    ? codeValues(coder, { ...scan, map, split }, codes)
    : Uint16Array.from(map.subarray(0, rows * outputs));
}
