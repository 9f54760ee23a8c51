import { table } from '@espalier/stages';
import type { SwapResults } from '../swap/results';

/** Who scored each round of a run that was swapped on the way. */
export function swapTable({ rounds }: SwapResults): string {
  const rows = rounds.map(({ round, criterion, plugin, version = '', digest = '' }) => [
    String(round),
    plugin === 'built-in' ? criterion : `${plugin}/${criterion}`,
    version,
    digest.slice(0, 12),
  ]);
  return [
    table(['round', 'scored by', 'version', 'digest'], rows),
    '',
    'A plugin has the digest of its files; what is built in has the version of Espalier, which the resolved recipe names.',
  ].join('\n');
}
