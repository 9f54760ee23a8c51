import { table } from '@espalier/stages';
import type { WireResults } from '../wire';
import { integer, percent, times } from './cells';

export function wireTable({ rows, ratio, keep, circumstances }: WireResults): string {
  const lines = rows.map(({ what, wire, tcp }) => [
    what,
    integer(wire.dense + wire.masked),
    integer(wire.had),
    integer(tcp.fromOwner + tcp.toOwner),
  ]);
  return [
    table(['LeNet-300-100', 'payload bytes', 'had already', 'all bytes on the connection'], lines),
    '',
    `${percent(keep, 0)} of the weights kept, masks included: ${times(ratio)} fewer bytes than dense. ` +
      `By \`${circumstances.command}\`, ${circumstances.date}.`,
  ].join('\n');
}
