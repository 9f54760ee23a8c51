/** What a training step was to reach, in time and memory, beside PyTorch and TensorFlow.js op by op. */
import type { StepPeerName } from '../step/cases';
import type { StepCaseResults, StepResults, StepRow } from '../step/results';
import type { Goal } from './goals-table';

/** Our time over PyTorch's, with masks or without, whichever is faster; and how many times as long an op-by-op step takes. */
const TIMES = [
  { name: 'LeNet-300-100', torch: 0.75, opByOp: 5 },
  { name: 'LeNet-5', torch: 0.65, opByOp: 3 },
  { name: 'AlexNet', torch: 1.2 },
] as const;
/** Our peak over masked PyTorch's, AlexNet. */
const MEMORY = 1.2;
/** MiB that 20,000 steps may leave. */
const GROWTH = 20;

export function stepGoals({ cases, leak }: StepResults): readonly Goal[] {
  const goals = TIMES.flatMap(({ name, torch, ...rest }): readonly Goal[] => {
    const measured = cases.find((item) => item.name === name);
    if (!measured) return [];
    const step = `a masked step of ${name}, batch ${measured.batch}`;
    const opByOp = rowOf(measured, 'tfjs');
    return [
      share(`${step}, beside PyTorch's`, torch, 1 / fastestTorch(measured)),
      ...('opByOp' in rest && opByOp
        ? [faster(`${step}, beside TensorFlow.js`, rest.opByOp, opByOp.ratio)]
        : []),
    ];
  });
  const alexNet = cases.find(({ name }) => name === 'AlexNet');
  if (alexNet) {
    const peak = rowOf(alexNet, 'espalier').peakMiB / rowOf(alexNet, 'torch-masked').peakMiB;
    goals.push(share("peak memory of AlexNet's step, beside PyTorch's", MEMORY, peak));
  }
  if (leak) {
    goals.push({
      what: `growth of memory over ${leak.steps.toLocaleString('en-US')} steps`,
      goal: `less than ${GROWTH} MiB`,
      measured: `${leak.growthMiB.toFixed(1)} MiB`,
      met: leak.growthMiB < GROWTH,
    });
  }
  return goals;
}

function fastestTorch({ rows }: StepCaseResults): number {
  return Math.min(...rows.filter(({ peer }) => peer.startsWith('torch')).map(({ ratio }) => ratio));
}

function rowOf({ rows }: StepCaseResults, peer: StepPeerName): StepRow {
  return rows.find((row) => row.peer === peer) as StepRow;
}

function share(what: string, limit: number, measured: number): Goal {
  return { what, goal: `at most ${limit}x`, measured: `${measured.toFixed(2)}x`, met: measured <= limit };
}

function faster(what: string, limit: number, measured: number): Goal {
  return {
    what,
    goal: `at least ${limit}x faster`,
    measured: `${measured.toFixed(1)}x`,
    met: measured >= limit,
  };
}
