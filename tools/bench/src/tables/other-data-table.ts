/** What the recipes give on data that they were not made on, beside what they give on MNIST. */
import { table } from '@espalier/stages';
import type { AllResults } from './all-results';
import { notMeasured } from './all-results';
import { integer, percent, spread, times } from './cells';

const HEAD = [
  'recipe',
  'dense error',
  'error',
  'weights kept',
  'fewer',
  'file bytes',
  'smaller',
  'seconds',
  'error on MNIST',
];

export function otherDataTable({ otherData, seeds }: Pick<AllResults, 'otherData' | 'seeds'>): string {
  if (!otherData) return notMeasured('other-data');
  const { data, runs, circumstances } = otherData;
  const rows = runs.map(({ name, result: { report, measured, seconds } }) => {
    const onMnist = seeds[name]?.summary.error;
    return [
      `\`${name}\``,
      percent(report.dense.error),
      percent(measured.error),
      integer(measured.kept),
      times(report.weights.total / measured.kept),
      integer(measured.bytes),
      times(report.artifact.denseBytes / measured.bytes),
      seconds === undefined ? '' : integer(seconds),
      onMnist ? spread(onMnist, percent) : '',
    ];
  });
  const { code, date, machine, node, command } = circumstances;
  return [
    table(HEAD, rows),
    '',
    `${data.name} (${data.source}), the recipes unchanged but for the data: also distortions, made for digits, stay, and budgets that speak of ` +
      `errors as they are on MNIST. Seed 1, every recipe that was run. By \`${command}\` at ${code.commit.slice(0, 10)}, ${date}; ` +
      `${machine.cpu}, ${machine.cores} cores, Node ${node}.`,
  ].join('\n');
}
