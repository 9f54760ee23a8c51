import { rowOf, type InferenceCaseResults, type InferenceResults } from '../inference/results';
import { times } from './cells';
import type { Goal } from './goals-table';

/** LeNet-300-100 at batch 1, microseconds; and faster than every peer. */
const MAX_US = 15;
/** Batch 1, beside onnxruntime-node with dense weights. */
const BESIDE_ONNX = [
  { name: 'lenet-5', title: 'LeNet-5', goal: 1.5 },
  { name: 'alexnet-fc6-fc8', title: 'AlexNet fc6 to fc8', goal: 4 },
] as const;

export function inferenceGoals({ cases }: InferenceResults): readonly Goal[] {
  const of = (name: string): InferenceCaseResults | undefined => cases.find((each) => each.name === name);
  const small = of('lenet-300-100');
  return [
    ...(small ? smallGoals(small) : []),
    ...BESIDE_ONNX.flatMap(({ name, title, goal }) => {
      const measured = of(name);
      return measured ? [besideOnnx(title, goal, measured)] : [];
    }),
    ...cases.flatMap(({ name, answers }) =>
      answers
        ? [
            {
              what: `predictions of ${name} that differ from the engine's, of ${answers.compared}`,
              goal: '0',
              measured: `${answers.differing}`,
              met: answers.differing === 0,
            },
          ]
        : [],
    ),
  ];
}

function smallGoals({ rows }: InferenceCaseResults): readonly Goal[] {
  const single = rows.filter(({ batch }) => batch === 1);
  const ours = rowOf(rows, { runtime: 'espalier', batch: 1 });
  const peers = single.filter(({ runtime }) => runtime !== 'espalier');
  if (!ours || peers.length === 0) return [];
  const fastest = Math.min(...peers.map(({ us }) => us));
  const what = 'one image through LeNet-300-100 at 8 %';
  return [
    { what, goal: `at most ${MAX_US} us`, measured: `${ours.us.toFixed(1)} us`, met: ours.us <= MAX_US },
    {
      what: `${what}, beside the fastest of ${peers.map(({ runtime }) => runtime).join(', ')}`,
      goal: 'faster',
      measured: `${times(fastest / ours.us)} faster`,
      met: ours.us < fastest,
    },
  ];
}

function besideOnnx(title: string, goal: number, { rows }: InferenceCaseResults): Goal {
  const ours = rowOf(rows, { runtime: 'espalier', batch: 1 });
  const alone = rowOf(rows, { runtime: 'espalier', batch: 1, threads: 1 });
  const peer = rowOf(rows, { runtime: 'onnxruntime-node', batch: 1 });
  const ratio = (peer?.us ?? NaN) / (ours?.us ?? NaN);
  // More threads are said, with what one does.
  const threads =
    ours && alone && peer && ours.threads > 1
      ? ` on ${ours.threads} threads (${times(peer.us / alone.us)} on one), it on ${peer.threads}`
      : '';
  const what = `one image through ${title}, beside onnxruntime-node`;
  return {
    what,
    goal: `at least ${goal}x faster`,
    measured: `${times(ratio)}${threads}`,
    met: ratio >= goal,
  };
}
