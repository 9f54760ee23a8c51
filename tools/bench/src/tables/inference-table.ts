import { table } from '@espalier/stages';
import { rowOf, type InferenceResults, type InferenceRow } from '../inference/results';
import { percent, times } from './cells';

/** Latency by network and batch; how many times as long each peer takes. */
export function inferenceTable({ cases, circumstances, load, rounds }: InferenceResults): string {
  const rows = cases.flatMap((item) =>
    [...new Set(item.rows.map(({ batch }) => batch))].map((batch) => {
      const ours = rowOf(item.rows, { runtime: 'espalier', batch });
      const alone = rowOf(item.rows, { runtime: 'espalier', batch, threads: 1 });
      const cell = (row?: InferenceRow): string => (row ? `${microseconds(row.us)} on ${row.threads}` : '');
      const peer = (runtime: InferenceRow['runtime']): string => {
        const row = rowOf(item.rows, { runtime, batch });
        return row && ours ? `${cell(row)} (${times(row.us / ours.us)})` : '';
      };
      return [
        `${item.name}, ${percent(item.kept / item.weights, 0)}`,
        String(batch),
        cell(ours),
        cell(alone),
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
      [
        'us a call',
        'batch',
        'Espalier',
        'with one thread',
        'onnxruntime-node, dense',
        'PyTorch, dense',
        'SciPy, CSR',
      ],
      rows,
    ),
    '',
    `Medians of ${rounds} rounds, on as many threads as stand behind; of one and two the faster counts, in brackets how many times as long as Espalier. ${[
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
