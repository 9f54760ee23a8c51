/** What observers of plugins have told of a run, as its log has it. Pure. */
import { observedSeries, type PointsBody } from '@espalier/protocol';
import type { RunEvent } from '../../run-events';

export type SeriesPoints = PointsBody['series'];

/** In their order. An undo takes back what was told since the last stage that it leaves was done. */
export function observedPoints(events: Iterable<RunEvent>): readonly SeriesPoints[] {
  let finished = 0;
  let told: { readonly after: number; readonly series: SeriesPoints }[] = [];
  for (const { type, fields } of events) {
    if (type === 'stage.done') finished++;
    if (type === 'run.undone') {
      finished = fields.kept;
      told = told.filter(({ after }) => after < finished);
    }
    if (type !== 'run.observed') continue;
    const series = observedSeries(fields.plugin, fields.observations);
    if (series.length > 0) told.push({ after: finished, series });
  }
  return told.map(({ series }) => series);
}
