/** Goals of the shipped plugins: patterns that hold to the last weight, and filters whose absence is felt. */
import type { PluginsResults } from '../plugins/results';
import { summarise } from '../summary';
import { percent } from './cells';
import type { Goal } from './goals-table';
import { brokenIn } from './plugins-table';

const DENSE = 'dense';
const FILTERS = 'filters';

export function shippedGoals({ networks }: PluginsResults): Goal[] {
  return networks.flatMap(({ title, points }) => {
    const runs = points.flatMap((point) => point.runs);
    const broken = runs.reduce((sum, run) => sum + brokenIn(run), 0);
    const usOf = (name: string): number | undefined => {
      const found = points.find((point) => point.name === name);
      return found && summarise(found.runs.map(({ us }) => us ?? NaN)).mean;
    };
    const [dense, filters] = [usOf(DENSE), usOf(FILTERS)];
    const goals: Goal[] = [
      {
        what: `${title}, N:M, blocks and whole filters: groups that break the pattern, layers with another count`,
        goal: 'none',
        measured: `${broken} in ${runs.length} networks`,
        met: broken === 0,
      },
    ];
    if (dense === undefined || filters === undefined) return goals;
    const share = filters / dense;
    const what = `${title} without the filters that were pruned, one image, beside dense`;
    return [...goals, { what, goal: 'less time', measured: percent(share, 0), met: share < 1 }];
  });
}
