/** From the rounds' times to the table's rows. */
import type { TransferRow, TransferTime } from './results';
import { WAYS, type Way } from './ways';

const MiB = 2 ** 20;

export type Round = ReadonlyMap<Way, TransferTime>;

/** A row for each way that every round has. `mib`: size of the payload. */
export function transferRows(
  rounds: readonly Round[],
  { mib, versions }: { readonly mib: number; readonly versions: Readonly<Partial<Record<Way, string>>> },
): TransferRow[] {
  return WAYS.flatMap((way) => {
    const times = rounds.flatMap((round) => round.get(way) ?? []);
    if (times.length === 0 || times.length < rounds.length) return [];
    /** In the same round: what else the machine had to do is then much the same for both. */
    const ratioTo = (other: Way): number =>
      median(rounds.map((round) => secondsOf(round, other) / secondsOf(round, way)));
    return [
      {
        way,
        version: versions[way] ?? '',
        times,
        mibPerSecond: mib / median(times.map(({ seconds }) => seconds)),
        byBareTcp: ratioTo('tcp-bare'),
        byTcp: ratioTo('tcp'),
        cpuSeconds: median(
          times.map(({ ownerCpuSeconds, receiverCpuSeconds }) => ownerCpuSeconds + receiverCpuSeconds),
        ),
        ownerMiB: Math.max(...times.map(({ ownerBytes }) => ownerBytes)) / MiB,
        receiverMiB: Math.max(...times.map(({ receiverBytes }) => receiverBytes)) / MiB,
      },
    ];
  });
}

function secondsOf(round: Round, way: Way): number {
  return round.get(way)?.seconds ?? NaN;
}

/** The middle one; of an even number, the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}
