/** What the coder was to reach: fewer bytes than every peer on every network, and never above NNCodec's curve. */
import { CODERS, type Coder } from '../coder/lossless';
import type { CoderNetworkResults, CoderResults } from '../coder/results';
import { percent } from './cells';
import type { Goal } from './goals-table';

/** Fewer bytes than NNCodec on the LeNets. */
const LENET_SHARE = 0.05;
/** Of dense float32 a second, each way, of a large layer. */
const MEGABYTES = 20;
const LARGE_WEIGHTS = 2 ** 24;

export function coderGoals({ networks }: CoderResults): readonly Goal[] {
  const leNets = networks.filter(({ leNet }) => leNet);
  const [, ...peers] = CODERS;
  const least = leastOf(networks, peers);
  const leastOnLeNets = leastOf(leNets, ['nncodec', 'nncodec-best']);
  const leastOfMeans = leastMean(leNets, 'nncodec-best');
  const worst = networks.flatMap(({ name, rateDistortion }) =>
    rateDistortion?.goal ? [{ name, ratio: rateDistortion.goal.worst }] : [],
  );
  return [
    ...(least
      ? [
          {
            what: 'coder, the same symbols, every network, seed and peer',
            goal: 'fewer bytes',
            measured: `at least ${percent(least.share, 1)} fewer (${least.name})`,
            met: least.share > 0,
          },
        ]
      : []),
    ...(leastOnLeNets && leastOfMeans
      ? [
          {
            what: 'coder, the same symbols, LeNets beside NNCodec at its best, means of the seeds',
            goal: `at least ${percent(LENET_SHARE, 0)} fewer bytes`,
            measured:
              `at least ${percent(leastOfMeans.share, 2)} fewer (${leastOfMeans.name}); ` +
              `of single seeds at least ${percent(leastOnLeNets.share, 1)}`,
            met: leastOfMeans.share >= LENET_SHARE,
          },
        ]
      : []),
    ...networks.flatMap(speedGoals),
    ...worst
      .sort((a, b) => b.ratio - a.ratio)
      .slice(0, 1)
      .map(({ name, ratio }) => ({
        what: 'bytes at the same squared error, 1 to 6 bits a kept weight',
        goal: "at or below NNCodec's curve",
        measured: `${percent(Math.abs(ratio - 1), 1)} ${ratio > 1 ? 'above' : 'below'} at the worst point (${name})`,
        met: ratio <= 1,
      })),
  ];
}

/** The least share of bytes that are saved, over networks, seeds and coders. */
function leastOf(
  networks: readonly CoderNetworkResults[],
  coders: readonly Coder[],
): { readonly name: string; readonly share: number } | undefined {
  const all = networks.flatMap(({ name, lossless }) =>
    lossless.flatMap(({ rows }) =>
      coders.map((coder) => ({ name, share: 1 - rows.espalier.bytes / rows[coder].bytes })),
    ),
  );
  return all.sort((a, b) => a.share - b.share)[0];
}

/** The least share of bytes that are saved, of each network over its seeds. */
function leastMean(
  networks: readonly CoderNetworkResults[],
  coder: Coder,
): { readonly name: string; readonly share: number } | undefined {
  const all = networks.map(({ name, lossless }) => {
    const sum = (of: Coder): number => lossless.reduce((bytes, { rows }) => bytes + rows[of].bytes, 0);
    return { name, share: 1 - sum('espalier') / sum(coder) };
  });
  return all.sort((a, b) => a.share - b.share)[0];
}

function speedGoals({ name, lossless }: CoderNetworkResults): Goal[] {
  const [{ weights }] = lossless;
  if (weights < LARGE_WEIGHTS) return [];
  const speed = (of: 'encodeSeconds' | 'decodeSeconds'): number =>
    Math.min(...lossless.map(({ rows }) => (4e-6 * weights) / rows.espalier[of]));
  const [encoded, decoded] = [speed('encodeSeconds'), speed('decodeSeconds')];
  return [
    {
      what: `${name}: dense float32 encoded and decoded on one core`,
      goal: `at least ${MEGABYTES} MB/s`,
      measured: `${encoded.toFixed(0)} and ${decoded.toFixed(0)} MB/s`,
      met: Math.min(encoded, decoded) >= MEGABYTES,
    },
  ];
}
