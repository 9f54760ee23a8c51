import { table } from '@espalier/stages';
import type { StepPeerName } from '../step/cases';
import type { StepResults, StepRow } from '../step/results';
import { integer } from './cells';

const TITLES: Readonly<Record<StepPeerName, string>> = {
  espalier: 'Espalier, masked',
  torch: 'PyTorch, no masks',
  'torch-masked': 'PyTorch, masked',
  tfjs: 'TensorFlow.js, masked',
  'espalier-graph': 'Espalier, one call of TensorFlow, masked',
  'espalier-eager': 'Espalier op by op, masked',
};

/** Milliseconds and memory of a step, and how many times as long each peer takes. */
export function stepTable({ cases, circumstances, load, rounds, threads, leak }: StepResults): string {
  const rows = cases.flatMap(({ name, batch, rows: measured }) =>
    measured.map((row, i) => [
      i === 0 ? `${name}, batch ${batch}` : '',
      TITLES[row.peer],
      row.ms.toFixed(row.ms < 100 ? 2 : 0),
      i === 0 ? '' : ratio(row),
      integer(row.peakMiB),
    ]),
  );
  const versions = [...new Set(cases.flatMap(({ rows: measured }) => measured.map(versionOf)))];
  const memory = leak
    ? ` After ${leak.steps.toLocaleString('en-US')} more steps of ${leak.name} resident memory had grown by ${leak.growthMiB.toFixed(1)} MiB.`
    : '';
  return [
    table(['', '', 'ms a step', 'times as long as Espalier', 'peak memory, MiB'], rows),
    '',
    `SGD with momentum; masks keep as much of each layer as those of HAN15, at random places; AlexNet on noise, the others on MNIST. Medians of ${rounds} rounds, in each of which ` +
      `every process has its turn; in brackets the quartiles.${memory} ${threads} threads, ${versions.join(', ')}, Node ${circumstances.node}, ` +
      `${circumstances.machine.cpu}, ${circumstances.machine.cores} cores, load ${load.map((value) => value.toFixed(1)).join(' to ')}. ` +
      `By \`${circumstances.command}\`, ${circumstances.date}.`,
  ].join('\n');
}

function ratio({ ratio: median, lowerRatio, upperRatio }: StepRow): string {
  return `${median.toFixed(2)}x (${lowerRatio.toFixed(2)} to ${upperRatio.toFixed(2)})`;
}

function versionOf({ peer, version }: StepRow): string {
  return peer.startsWith('torch') ? `PyTorch ${version}` : version;
}
