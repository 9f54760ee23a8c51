/** Which stages must run again when a stage cannot get at what it starts from. */
import type { FinishedStage, StageSpec } from '@espalier/stages';

/**
 * The index of the first finished stage that made an input of this one; undefined when none did (its data set is lost).
 * The first of all inputs: the service does not say which of them it lacks, and stages in between that still have their
 * results cost nothing.
 */
export function firstLostStage(
  spec: Pick<StageSpec, 'inputs'>,
  finished: readonly Pick<FinishedStage, 'result'>[],
): number | undefined {
  const wanted = new Set(Object.values(spec.inputs).map(({ digest }) => digest));
  const first = finished.findIndex(({ result }) =>
    Object.values(result.outputs).some(({ digest }) => wanted.has(digest)),
  );
  return first < 0 ? undefined : first;
}
