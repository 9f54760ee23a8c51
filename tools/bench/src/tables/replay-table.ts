import { table } from '@espalier/stages';
import type { ReplayResults } from '../replay';
import { integer } from './cells';

export function replayTable({ runs, recipe, circumstances }: ReplayResults): string {
  const rows = runs.map(({ what, digest, bytes, seconds }) => [
    what,
    digest.slice(0, 16),
    integer(bytes),
    seconds.toFixed(0),
  ]);
  return [
    table([`\`${recipe}\``, 'artifact digest', 'bytes', 'seconds'], rows),
    '',
    `By \`${circumstances.command}\`, ${circumstances.date}.`,
  ].join('\n');
}
