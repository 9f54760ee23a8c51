/** What the shipped plugins do: bytes and error alone and combined; exact patterns and latency. */
import { table } from '@espalier/stages';
import type {
  CombinedPoint,
  PluginsNetwork,
  PluginsPoint,
  PluginsResults,
  PluginsRun,
} from '../plugins/results';
import { summarise, type Summary } from '../summary';
import { integer, percent, spread, times } from './cells';

export function pluginsTable({ combinations, networks, circumstances, load, sweep }: PluginsResults): string {
  const { code, date, machine, node, command } = circumstances;
  const points = [...combinations, ...networks.flatMap((network) => network.points)];
  const seeds = new Set(points.flatMap(({ runs }) => runs.map(({ seed }) => seed))).size;
  return [
    ...(combinations.length > 0 ? [combinedTable(combinations), smallestText(combinations)] : []),
    ...networks.map(patternTable),
    `${seeds === 1 ? 'One seed' : `${seeds} seeds, means with the least and the greatest`}; errors on all test images, of what is decoded. ` +
      `LeNet-300-100: all trainings alike, kernels by the plugin's codec where one is named and by our own codings else, biases as float16. ` +
      `LeNet-5: each point of \`${sweep}\` is a whole run. ` +
      `By \`${command}\` at ${code.commit.slice(0, 10)}, ${date}; ` +
      `${machine.cpu}, ${machine.cores} cores, Node ${node}, load ${load.map((each) => each.toFixed(1)).join(' to ')}.`,
  ].join('\n\n');
}

function combinedTable(points: readonly CombinedPoint[]): string {
  const denseBytes = over(points[0], ({ bytes }) => bytes).mean;
  return table(
    ['LeNet-300-100', 'weights', 'bytes', 'smaller', 'error'],
    points.map((point) => {
      const bytes = over(point, (run) => run.bytes);
      return [
        point.name,
        integer(over(point, ({ kept }) => kept).mean),
        integer(bytes.mean),
        times(denseBytes / bytes.mean),
        spread(
          over(point, ({ error }) => error),
          percent,
        ),
      ];
    }),
  );
}

/** Is hashing on top of pruning smaller than either, and at what error? */
function smallestText(points: readonly CombinedPoint[]): string {
  const find = (name: string): CombinedPoint | undefined => points.find((point) => point.name === name);
  const [hashed, pruned, both] = ['hashed', 'pruned', 'pruned + hashed'].map(find);
  if (!hashed || !pruned || !both) return '';
  const mean = (point: CombinedPoint, of: 'bytes' | 'error'): number => over(point, (run) => run[of]).mean;
  const lessBytes = Math.min(mean(hashed, 'bytes'), mean(pruned, 'bytes')) / mean(both, 'bytes');
  const [errorOfBoth, errorOfHashed, errorOfPruned] = [both, hashed, pruned].map((point) =>
    mean(point, 'error'),
  );
  const errors = `${percent(errorOfBoth)} beside ${percent(errorOfHashed)} hashed and ${percent(errorOfPruned)} pruned alone`;
  if (lessBytes <= 1) {
    return `Hashed on top of pruned is not smaller than the smaller of the two alone (${times(1 / lessBytes)} as large): error ${errors}.`;
  }
  const smaller = `Hashed on top of pruned is ${times(lessBytes)} smaller than the smaller of the two alone`;
  return errorOfBoth <= Math.max(errorOfHashed, errorOfPruned)
    ? `${smaller}, at no more error: ${errors}.`
    : `${smaller}, but **not at the same error**: ${errors}.`;
}

function patternTable({ title, points }: PluginsNetwork): string {
  const dense = points.find(({ name }) => name === 'dense');
  return table(
    [
      title,
      'weights by layer',
      'pattern',
      'file bytes',
      'error',
      'us an image',
      'of dense',
      'int8: error',
      'int8: us',
    ],
    points.map((point) => {
      const [first] = point.runs;
      const layers = (first.layers ?? []).map(({ name, kept, weights }) => `${name} ${kept} of ${weights}`);
      const us = over(point, (run) => run.us ?? NaN);
      const denseUs = dense && over(dense, (run) => run.us ?? NaN).mean;
      return [
        point.name,
        layers.join(', '),
        patternText(point),
        integer(over(point, ({ bytes }) => bytes).mean),
        spread(
          over(point, ({ error }) => error),
          percent,
        ),
        spread(us, (value) => value.toFixed(1)),
        denseUs === undefined ? '' : percent(us.mean / denseUs, 0),
        ...integerCells(point),
      ];
    }),
  );
}

/** The same network in whole numbers. */
function integerCells(point: PluginsPoint): string[] {
  if (point.runs.some(({ integer }) => integer === undefined)) return ['', ''];
  const of = (field: 'error' | 'us'): Summary => over(point, ({ integer }) => integer?.[field] ?? NaN);
  return [spread(of('error'), percent), spread(of('us'), (value) => value.toFixed(1))];
}

/** Exact, when no set or block of any seed breaks it and every count is what it has to be. */
function patternText(point: PluginsPoint): string {
  const broken = point.runs.reduce((sum, run) => sum + brokenIn(run), 0);
  return broken === 0 ? 'exact' : `broken ${broken} times`;
}

/** Groups that break their pattern, and layers that keep another count than they should. */
export function brokenIn({ layers = [] }: PluginsRun): number {
  return layers.reduce((sum, layer) => sum + layer.broken + (layer.kept === layer.expected ? 0 : 1), 0);
}

function over({ runs }: CombinedPoint, value: (run: PluginsRun) => number): Summary {
  return summarise(runs.map(value));
}
