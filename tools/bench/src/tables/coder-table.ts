/** Bytes of every coder for the same symbols, and how our curves of rate and distortion lie to NNCodec's. */
import { table } from '@espalier/stages';
import { CODERS, type Coder } from '../coder/lossless';
import type { CoderNetworkResults, CoderResults } from '../coder/results';
import { summarise } from '../summary';
import { integer } from './cells';

const TITLES: Readonly<Record<Coder, string>> = {
  espalier: 'Espalier',
  nncodec: 'NNCodec',
  'nncodec-best': 'NNCodec, best settings',
  dc16: 'DC16',
  zstd: 'zstd -19',
  xz: 'xz -9',
  brotli: 'brotli -11',
};

const COMMIT_SHOWN = 10;

/** The bench draws it beside its results; the table stands in the README only. */
const PICTURE = '![Squared error and test error over bits a kept weight](docs/coder-curves.svg)';

export function coderTable({ networks, quick }: CoderResults): string {
  const [, ...peers] = CODERS;
  const bytes = networks.map((item) => [
    item.name,
    String(item.lossless.length),
    bits(item),
    integer(mean(item, 'espalier')),
    ...peers.map((coder) => `${integer(mean(item, coder))} (${less(item, coder)})`),
  ]);
  const seconds = networks.map((item) => [
    item.name,
    ...(['espalier', 'nncodec', 'xz'] as const).flatMap((coder) => [
      time(item, coder, 'encodeSeconds'),
      time(item, coder, 'decodeSeconds'),
    ]),
  ]);
  return [
    table(['bytes', 'seeds', 'bits a kept weight', ...CODERS.map((coder) => TITLES[coder])], bytes),
    '',
    'In brackets: how many bytes fewer Espalier needs, over all seeds; the least of the seeds after "at least".',
    '',
    table(
      [
        'against NNCodec: mean, worst',
        '1 to 6 bits: bits at the same squared error',
        'test error at the same bits, points',
        '6 to 11 bits: bits at the same squared error',
        'test error at the same bits, points',
      ],
      curves(networks),
    ),
    '',
    ...(quick ? [] : [PICTURE, '']),
    table(
      ['seconds', ...['Espalier', 'NNCodec', 'xz'].flatMap((name) => [`${name}, encode`, 'decode'])],
      seconds,
    ),
    '',
    `${networks.map(({ name, what }) => `${name}: ${what}`).join('. ')}. NNCodec 2.1.3's coder without its headers; with all of them 4 bytes a tensor for its step; of general ` +
      `compressors the shortest of several plain forms.${quick ? ' A quick run.' : ''} ${takenText(networks)}`,
  ].join('\n');
}

/** Networks that were measured in one run stand together. */
function takenText(networks: readonly CoderNetworkResults[]): string {
  const runs = new Map<string, string[]>();
  for (const { name, taken } of networks) {
    const { circumstances, load } = taken;
    const { node, machine, code, date, command } = circumstances;
    const how =
      `Node ${node}, ${machine.cpu}, ${machine.cores} cores, load ${load.map((value) => value.toFixed(1)).join(' to ')}; ` +
      `by \`${command}\` at ${code.commit.slice(0, COMMIT_SHOWN)}, ${date}`;
    runs.set(how, [...(runs.get(how) ?? []), name]);
  }
  if (runs.size === 1) return `${[...runs.keys()][0]}.`;
  return [...runs].map(([how, names]) => `${names.join('; ')}: ${how}.`).join(' ');
}

function mean({ lossless }: CoderNetworkResults, coder: Coder): number {
  return summarise(lossless.map(({ rows }) => rows[coder].bytes)).mean;
}

function bits(item: CoderNetworkResults): string {
  return ((8 * mean(item, 'espalier')) / summarise(item.lossless.map(({ kept }) => kept)).mean).toFixed(2);
}

function less(item: CoderNetworkResults, coder: Coder): string {
  const shares = item.lossless.map(({ rows }) => 1 - rows.espalier.bytes / rows[coder].bytes);
  const all = percentLess(1 - mean(item, 'espalier') / mean(item, coder));
  return item.lossless.length === 1 ? all : `${all}, at least ${percentLess(Math.min(...shares))}`;
}

function percentLess(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function curves(networks: readonly CoderNetworkResults[]): string[][] {
  return networks.flatMap(({ name, rateDistortion }) => {
    if (!rateDistortion) return [];
    const { goal, beyond, part } = rateDistortion;
    const cells = [goal, beyond].flatMap((range) =>
      range
        ? [
            `${change(range.mean)}, ${change(range.worst)} at ${range.worstAtBits.toFixed(1)} bits`,
            range.testError
              ? `${points(range.testError.mean)}, ${points(range.testError.worst)} at ${range.testError.worstAtBits.toFixed(1)} bits`
              : '',
          ]
        : ['', ''],
    );
    return [[part === undefined ? name : `${name} (${part})`, ...cells]];
  });
}

/** A difference of two shares, in points. */
function points(difference: number): string {
  return `${difference > 0 ? '+' : '-'}${Math.abs(100 * difference).toFixed(2)}`;
}

function change(ratio: number): string {
  return `${ratio > 1 ? '+' : '-'}${Math.abs(100 * (ratio - 1)).toFixed(1)} %`;
}

function time(
  { lossless }: CoderNetworkResults,
  coder: Coder,
  of: 'encodeSeconds' | 'decodeSeconds',
): string {
  const { mean: seconds } = summarise(lossless.map(({ rows }) => rows[coder][of]));
  return seconds < 10 ? seconds.toFixed(3) : seconds.toFixed(0);
}
