/** Every point of the frontier beside every published one, from the largest file to the smallest. */
import { table } from '@espalier/stages';
import { PUBLISHED_POINTS } from '../frontier/published';
import { summarisePoint, type FrontierNetwork, type FrontierResults } from '../frontier/results';
import { integer, percent, spread, times } from './cells';

const HEAD = [
  'network',
  'by',
  'weights kept',
  'fewer',
  'levels',
  'file bytes',
  'smaller',
  'error',
  'seconds',
];

/** From the README. */
const PICTURE = 'docs/frontier.svg';

export function frontierTable({ networks, circumstances, sweep }: FrontierResults): string {
  const { code, date, machine, node, command } = circumstances;
  const runs = networks.flatMap(({ points }) => points.flatMap((point) => point.runs));
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const images = runs[0]?.testImages ?? 0;
  const noise = Math.sqrt((0.01 * 0.99) / Math.max(1, images));
  return [
    `![Test error over bytes of the file and over weights kept, beside published points](${PICTURE})`,
    '',
    table(HEAD, networks.flatMap(rowsOf)),
    '',
    `Each of our points is a whole run of a variation of a recipe (\`${sweep.file}\`), from scratch to the file, ` +
      `${seeds === 1 ? 'one seed each' : `${seeds} seeds each, means with the least and the greatest`}; none is left out, and no choice was made by test errors. ` +
      `At 1 %, the error on ${integer(images)} images has a standard error of ${percent(noise)}. ` +
      `Others' points: ${sourcesOf(networks)}; their bytes follow from the ratio. ` +
      `By \`${command}\` at ${code.commit.slice(0, 10)}, ${date}; ${machine.cpu}, ${machine.cores} cores, Node ${node}.`,
  ].join('\n');
}

interface Row {
  readonly order: readonly [number, number];
  readonly cells: readonly string[];
}

function rowsOf(network: FrontierNetwork): string[][] {
  const own = network.points.map((point): Row => {
    const { kept, weightsRatio, bytes, bytesRatio, error, seconds } = summarisePoint(network, point);
    return {
      order: [bytesRatio.mean, 0],
      cells: [
        network.title,
        `\`${point.name}\``,
        integer(kept.mean),
        times(weightsRatio.mean),
        point.levels,
        integer(bytes.mean),
        times(bytesRatio.mean),
        spread(error, percent),
        seconds ? integer(seconds.mean) : '',
      ],
    };
  });
  const others = (PUBLISHED_POINTS[network.network] ?? []).map(({ method, what, ratio, error }): Row => {
    const shown = error === undefined ? 'not given' : percent(error);
    const bytes = [integer(network.denseBytes / ratio), `${integer(ratio)}x`];
    const weights = [integer(network.weights / ratio), `${integer(ratio)}x`];
    const cells = what === 'bytes' ? ['', '', '', ...bytes] : [...weights, '', '', ''];
    // Those that speak of weights alone have no place among files: they come last.
    return {
      order: [what === 'bytes' ? ratio : Infinity, ratio],
      cells: [network.title, method, ...cells, shown, ''],
    };
  });
  const rows = [...own, ...others];
  rows.sort((a, b) => (a.order[0] === b.order[0] ? a.order[1] - b.order[1] : a.order[0] - b.order[0]));
  return rows.map(({ cells }) => [...cells]);
}

function sourcesOf(networks: readonly FrontierNetwork[]): string {
  const all = networks.flatMap(({ network }) => PUBLISHED_POINTS[network] ?? []);
  return [...new Set(all.map(({ method, source }) => `${method} (${source})`))].join(', ');
}
