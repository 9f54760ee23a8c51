import { table } from '@espalier/stages';
import { GROWTH_STAGES, type GrowthResults } from '../growth/results';
import { integer, percent } from './cells';

/** CPU seconds by stage and size; then what ten times the weights cost, and bytes a weight, at the largest size. */
export function growthTable({ stages, keptShare, bits, circumstances }: GrowthResults): string {
  const sizes = stages.prune.map(({ weights }) => weights);
  const rows = GROWTH_STAGES.map((stage) => {
    const points = stages[stage];
    const [before, last] = points.slice(-2);
    const times = last.weights / before.weights;
    return [
      stage,
      ...points.map(({ cpuSeconds }) => cpuSeconds.toFixed(cpuSeconds < 10 ? 2 : 0)),
      `${(last.cpuSeconds / before.cpuSeconds / times).toFixed(2)}`,
      (last.memoryBytes / last.weights).toFixed(1),
    ];
  });
  return [
    table(
      ['CPU seconds', ...sizes.map((size) => `${integer(size)} weights`), 'growth', 'memory, bytes a weight'],
      rows,
    ),
    '',
    `One dense layer, ${percent(keptShare, 0)} kept, ${bits} bits; each stage in a process of its own, memory beside what that holds when idle. ` +
      `Growth: seconds a weight at the largest size, over those at the one before; 1 is linear. ` +
      `By \`${circumstances.command}\`, ${circumstances.date}; ${circumstances.machine.cpu}, Node ${circumstances.node}.`,
  ].join('\n');
}
