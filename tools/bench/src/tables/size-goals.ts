import type { KmeansResults } from '../kmeans/results';
import type { SizeResults } from '../size/results';
import type { Goal } from './goals-table';

/** VGG-16 whole, encoded and decoded. */
const MAX_SECONDS = 60;
/** Sharing of 10^8 weights. */
const KMEANS = { weights: 1e8, seconds: 20 } as const;
const MB = 1e6;

export function sizeGoals({ networks }: SizeResults): readonly Goal[] {
  return networks.flatMap((network) => {
    const [holder, most] = Object.entries(network.peakBytes).reduce((a, b) => (b[1] > a[1] ? b : a));
    const goals = [
      {
        what: `${network.network}: most memory of a process (${holder})`,
        goal: `less than ${(network.limitBytes / MB).toFixed(0)} MB`,
        measured: `${(most / MB).toFixed(0)} MB`,
        met: most < network.limitBytes,
      },
    ];
    if (network.network !== 'vgg-16') return goals;
    const encode = network.stages.find(({ stage }) => stage === 'encode')?.seconds ?? NaN;
    return [...goals, seconds('vgg-16 encoded', encode), seconds('vgg-16 decoded', network.decodeSeconds)];
  });
}

export function kmeansGoals({ rows, bits }: KmeansResults): readonly Goal[] {
  const large = rows.find(({ weights }) => weights === KMEANS.weights);
  return large ? [seconds(`k-means of 100 M weights, ${bits} bits`, large.seconds, KMEANS.seconds)] : [];
}

function seconds(what: string, measured: number, limit: number = MAX_SECONDS): Goal {
  return {
    what,
    goal: `at most ${limit} s`,
    measured: `${measured.toFixed(1)} s`,
    met: measured <= limit,
  };
}
