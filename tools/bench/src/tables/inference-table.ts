import { table } from '@espalier/stages';
import type { InferenceResults, InferenceRow } from '../inference/results';
import { percent, times } from './cells';

/** Latency by network and batch; how many times as long each peer takes. */
export function inferenceTable({ cases, circumstances, load, rounds }: InferenceResults): string {
  const rows = cases.flatMap((item) =>
    [...new Set(item.rows.map(({ batch }) => batch))].map((batch) => {
      const of = (runtime: InferenceRow['runtime']): InferenceRow | undefined =>
        item.rows.find((row) => row.batch === batch && row.runtime === runtime);
      const ours = of('espalier');
      const peer = (runtime: InferenceRow['runtime']): string => {
        const row = of(runtime);
        return row && ours ? `${microseconds(row.us)} (${times(row.us / ours.us)})` : '';
      };
      return [
        `${item.name}, ${percent(item.kept / item.weights, 0)}`,
        String(batch),
        ours ? microseconds(ours.us) : '',
        peer('onnxruntime-node'),
        peer('torch'),
        peer('scipy'),
      ];
    }),
  );
  const versions = [
    ...new Set(
      cases.flatMap((item) =>
        item.rows
          .filter(({ version }) => version !== '')
          .map(({ runtime, version }) => `${runtime} ${version}`),
      ),
    ),
  ];
  return [
    table(
      ['us a call', 'batch', 'Espalier', 'onnxruntime-node, dense', 'PyTorch, dense', 'SciPy, CSR'],
      rows,
    ),
    '',
    `Medians of ${rounds} rounds; peers with one thread or two, whichever is faster, Espalier with one. ${[
      ...versions,
      `Node ${circumstances.node}`,
    ].join(', ')}, ${circumstances.machine.cpu}, ${circumstances.machine.cores} cores, load ` +
      `${load.map((value) => value.toFixed(1)).join(' to ')}. By \`${circumstances.command}\`, ${circumstances.date}.`,
    ...answerLines(cases),
  ].join('\n');
}

function answerLines(cases: InferenceResults['cases']): readonly string[] {
  const parts = cases.flatMap(({ name, answers }) => {
    if (!answers) return [];
    const { compared, differing, largestDifference } = answers;
    const images = compared.toLocaleString('en-US');
    const how = differing === 0 ? `the same on all ${images}` : `others on ${differing} of ${images}`;
    return [`${name} ${how} (logits to ${largestDifference.toExponential(0)} of the largest)`];
  });
  return parts.length === 0
    ? []
    : ['', `Answers beside the engine's, on MNIST's test images: ${parts.join('; ')}.`];
}

function microseconds(us: number): string {
  return us < 100 ? us.toFixed(1) : Math.round(us).toLocaleString('en-US');
}
