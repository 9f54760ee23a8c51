import { table } from '@espalier/stages';
import type { KmeansResults } from '../kmeans/results';
import { integer, times } from './cells';

export function kmeansTable({ rows, peer, bits, rounds, circumstances }: KmeansResults): string {
  const own = rows.map(({ weights, cpuSeconds, seconds, memoryBytes }) => [
    integer(weights),
    cpuSeconds.toFixed(2),
    seconds.toFixed(2),
    (memoryBytes / 4 / weights).toFixed(1),
    '',
  ]);
  const besides = peer && [
    [
      integer(peer.weights),
      peer.ours.cpuSeconds.toFixed(2),
      peer.ours.seconds.toFixed(2),
      '',
      `${peer.peer.seconds.toFixed(1)} s (${times(peer.peer.seconds / peer.ours.seconds)})`,
    ],
  ];
  const notes = [
    `${2 ** bits} centroids, from an even start until no weight changes its cluster; the fastest of ${rounds} ${rounds === 1 ? 'run' : 'runs'}; memory beside the weights, in times their size.`,
    ...(peer
      ? [
          `${peer.version} took ${integer(peer.peerIterations)} iterations from the same start; centroids differ by at most ${peer.centroidDifference.toExponential(0)} of their range, squared errors by ${peer.errorDifference.toExponential(0)} of it.`,
        ]
      : []),
    `By \`${circumstances.command}\`, ${circumstances.date}; ${circumstances.machine.cpu}, Node ${circumstances.node}.`,
  ];
  return [
    table(
      ['weights', 'CPU seconds', 'seconds', 'memory', 'scikit-learn KMeans'],
      [...own, ...(besides ?? [])],
    ),
    '',
    notes.join(' '),
  ].join('\n');
}
