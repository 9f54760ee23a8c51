/** What pinned runs need: services do not remove it, however full their stores are. */
import type { Pins } from '@espalier/store';
import type { Digest } from '@espalier/tensor';
import type { RunState } from './fold-run';
import type { RunBook } from './run-book';

/** Where `espalier runs pin` keeps its pins, by run, in the folder of the runs. */
export const PINS_FOLDER = ['.store', 'pins'] as const;

/** What was pinned, and what those runs have come to since. @throws STORE_RECORD for a pin that cannot be read */
export async function pinnedDigests(
  pins: Pick<Pins, 'list'>,
  book: Pick<RunBook, 'get'>,
): Promise<ReadonlySet<Digest>> {
  const pinned = [...(await pins.list())].flatMap(([run, roots]) => {
    const state = book.get(run);
    return [...roots, ...(state ? digestsOfRun(state) : [])];
  });
  return new Set(pinned);
}

/** What its stages started from and made. Pure. */
function digestsOfRun({ data, finished }: Pick<RunState, 'data' | 'finished'>): readonly Digest[] {
  const named = finished.flatMap(({ spec, result }) => [
    ...[...Object.values(spec.inputs), ...Object.values(result.outputs)].map(({ digest }) => digest),
    ...(spec.data === undefined ? [] : [spec.data]),
  ]);
  return [...(data === undefined ? [] : [data]), ...named];
}
