import { table } from '@espalier/stages';
import type { RegularisationResults } from '../l1-l2';
import { percent } from './cells';

/** HAN15 figure 5 as a table. */
export function regularisationTable(results: RegularisationResults): string {
  const { l1, l2 } = results.curves;
  const { circumstances, epochs, retrainEpochs, seed } = results;
  const lines = l2.points.map((point, i) => [
    percent(point.keep, 0),
    percent(l1.points[i].pruned),
    percent(point.pruned),
    percent(l1.points[i].retrained),
    percent(point.retrained),
  ]);
  return [
    table(
      ['kept', 'L1, not retrained', 'L2, not retrained', 'L1, retrained', 'L2, retrained'],
      [['100 %', percent(l1.denseError), percent(l2.denseError), '', ''], ...lines],
    ),
    '',
    `Test errors of LeNet-300-100, L1 of ${l1.strength} and L2 of ${l2.strength}, ${epochs} epochs, pruned in one step, ` +
      `${retrainEpochs} epochs of retraining, seed ${seed}. By \`${circumstances.command}\`, ${circumstances.date}.`,
  ].join('\n');
}
