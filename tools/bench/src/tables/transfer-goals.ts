import type { TransferResults, TransferRow } from '../transfer/results';
import type { Way } from '../transfer/ways';
import type { Goal } from './goals-table';

/** A dense snapshot into memory: at least 0.35 of raw TCP's speed, faster than others, in bounded memory. */
const GOAL = { ofTcp: 0.35, mib: 64 } as const;

export function transferGoals({ rows, mib }: TransferResults): readonly Goal[] {
  const of = (way: Way): TransferRow | undefined => rows.find((row) => row.way === way);
  const ours = of('espalier');
  if (!ours) return [];
  const what = `${mib} MiB into memory, verified`;
  const peers = [of('grpc'), of('nats')].flatMap((row) => row ?? []);
  const memory = Math.max(ours.ownerMiB, ours.receiverMiB);
  const speed = ({ mibPerSecond }: TransferRow): string => mibPerSecond.toFixed(0);
  return [
    {
      what: `${what}: speed`,
      goal: `at least ${GOAL.ofTcp}x raw TCP, files to memory`,
      measured: `${ours.byTcp.toFixed(2)}x (${ours.byBareTcp.toFixed(2)}x of bare TCP)`,
      met: ours.byTcp >= GOAL.ofTcp,
    },
    {
      what: `${what}: beside gRPC and NATS`,
      goal: 'faster, MiB/s',
      measured: `${speed(ours)} beside ${peers.map(speed).join(' and ')}`,
      met: peers.length > 0 && peers.every((row) => row.mibPerSecond < ours.mibPerSecond),
    },
    {
      what: `${what}: memory of each side`,
      goal: `less than ${GOAL.mib} MiB above idle`,
      measured: `${memory.toFixed(0)} MiB`,
      met: memory < GOAL.mib,
    },
  ];
}
