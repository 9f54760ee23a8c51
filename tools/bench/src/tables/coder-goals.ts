/** What the coder was to reach: fewer bytes than every peer on every network, and never above NNCodec's curve. */
import { CODERS, type Coder } from '../coder/lossless';
import type { CoderNetworkResults, CoderResults } from '../coder/results';
import { percent } from './cells';
import type { Goal } from './goals-table';

/** Fewer bytes than NNCodec on the LeNets. */
const LENET_SHARE = 0.05;

export function coderGoals({ networks }: CoderResults): readonly Goal[] {
  const leNets = networks.filter(({ leNet }) => leNet);
  const [, ...peers] = CODERS;
  const least = leastOf(networks, peers);
  const leastOnLeNets = leastOf(leNets, ['nncodec', 'nncodec-best']);
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
    ...(leastOnLeNets
      ? [
          {
            what: 'coder, the same symbols, LeNets beside NNCodec at its best',
            goal: `at least ${percent(LENET_SHARE, 0)} fewer bytes`,
            measured: `at least ${percent(leastOnLeNets.share, 1)} fewer (${leastOnLeNets.name})`,
            met: leastOnLeNets.share >= LENET_SHARE,
          },
        ]
      : []),
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
