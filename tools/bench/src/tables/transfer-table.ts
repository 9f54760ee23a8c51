import { table } from '@espalier/stages';
import type { TransferResults, TransferRow } from '../transfer/results';
import { WHAT } from '../transfer/ways';
import { integer } from './cells';

/** Speed, the ratio to raw TCP in the same round, and memory of both sides. */
export function transferTable({ rows, mib, repeats, circumstances, load }: TransferResults): string {
  const lines = rows.map((row) => [
    WHAT[row.way],
    integer(row.mibPerSecond),
    `${row.byTcp.toFixed(2)}x`,
    `${row.byBareTcp.toFixed(2)}x`,
    row.cpuSeconds.toFixed(1),
    integer(Math.max(0, row.ownerMiB)),
    integer(Math.max(0, row.receiverMiB)),
  ]);
  const versions = rows.map(({ version }) => version).filter((version) => version !== '');
  return [
    table(
      [
        `${mib} MiB between two processes`,
        'MiB/s',
        'of raw TCP, files to memory',
        'of raw TCP, bare',
        'CPU seconds',
        'owner, MiB above idle',
        'receiver',
      ],
      lines,
    ),
    '',
    `Medians of ${repeats} rounds, each way in turn in fresh processes; ratios within a round; CPU of both sides. Memory: the most of all rounds; ` +
      `the payload itself, where the receiver keeps it in memory, is not counted.${putting(rows)} ${[
        ...versions,
        `Node ${circumstances.node}`,
      ].join(', ')}, ${circumstances.machine.cpu}, ${circumstances.machine.cores} cores, load ` +
      `${load.map((value) => value.toFixed(1)).join(' to ')}. By \`${circumstances.command}\`, ${circumstances.date}.`,
  ].join('\n');
}

function putting(rows: readonly TransferRow[]): string {
  const seconds = rows.flatMap(({ times }) => times.flatMap(({ putSeconds }) => putSeconds ?? []));
  if (seconds.length === 0) return '';
  return ` Putting the object into NATS's memory took ${Math.min(...seconds).toFixed(1)} s or more beforehand, which is not counted.`;
}
