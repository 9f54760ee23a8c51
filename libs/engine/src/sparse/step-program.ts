/**
 * A step's work as parts that any thread may do. Forward and backward each part has some of the samples, which it takes through all layers;
 * then each has some of the weights: their gradients and their update. Nothing is summed in an order that the number of threads would change.
 */
import type { OptimizerSpec } from '../session/options';
import type { Call } from './calls';
import type { Job } from './kernels';
import type { Held, LayerStep, LayerWeights, SamplePart } from './layer-steps';
import type { Layout } from './layout';
import { FLOAT_BYTES, PARTS_OF_JOB, TILE_SAMPLES } from './memory-map';

export interface StepProgramOptions {
  readonly batchSize: number;
  readonly optimizer: OptimizerSpec;
  readonly l1: number;
  readonly l2: number;
  /** How the batch comes in. */
  bringIn(part: SamplePart): Call;
}

export interface StepProgram {
  readonly parts: Readonly<Record<Job, readonly (readonly Call[])[]>>;
  /** Addresses of float64: what to add to the loss. */
  readonly penalties: readonly number[];
}

/** Into how many parts the update is divided, about; the same on all machines, as penalties are summed by part. */
const UPDATE_PARTS = 32;

export function stepProgram(layout: Layout, options: StepProgramOptions): StepProgram {
  const { steps, parts } = layout;
  const samples = samplePartsOf(parts, options.batchSize);
  const penalties: number[] = [];
  const addPenalty = (): number => {
    penalties.push(layout.arena.room(8));
    return penalties[penalties.length - 1];
  };
  return {
    parts: {
      forward: fewEnough(
        samples.map((part) => [options.bringIn(part), ...steps.flatMap((step) => step.forward(part))]),
      ),
      backward: fewEnough(samples.map((part) => [...steps].reverse().flatMap((step) => step.backward(part)))),
      update: fewEnough(updateParts(steps, options, addPenalty)),
    },
    penalties,
  };
}

function samplePartsOf(parts: number, batchSize: number): SamplePart[] {
  return Array.from({ length: parts }, (_, part) => {
    const first = part * TILE_SAMPLES;
    return { part, first, samples: Math.min(batchSize - first, TILE_SAMPLES) };
  });
}

/** As many as a job may have: where there are more, several behind each other. */
function fewEnough(parts: readonly (readonly Call[])[]): Call[][] {
  const together = Math.ceil(parts.length / (PARTS_OF_JOB - 1));
  const lists: Call[][] = [];
  for (let from = 0; from < parts.length; from += together)
    lists.push(parts.slice(from, from + together).flat());
  return lists;
}

function updateParts(
  steps: readonly LayerStep[],
  { optimizer, l1, l2 }: StepProgramOptions,
  addPenalty: () => number,
): Call[][] {
  const layers = steps.flatMap(({ weights }) => (weights ? [weights] : []));
  const all = layers.reduce((sum, { cost, isTrained }) => sum + (isTrained ? cost : 0), 0);
  const penalise = ({ values, gradients }: Held, from: number, count: number): Call[] =>
    l1 === 0 && l2 === 0
      ? []
      : [
          [
            'penalise',
            values + FLOAT_BYTES * from,
            gradients + FLOAT_BYTES * from,
            ...[count, l1, l2, addPenalty()],
          ],
        ];
  return layers.flatMap((weights) => {
    const { kernel, bias, isTrained, ends, cost } = weights;
    if (!isTrained) return [penalise(kernel, 0, kernel.kept.length)].filter(({ length }) => length > 0);
    return outputRanges(weights, all && Math.round((UPDATE_PARTS * cost) / all)).map(({ first, count }) => {
      const from = first === 0 ? 0 : ends[first - 1];
      const kept = ends[first + count - 1] - from;
      return [
        ...weights.gradients(first, count),
        ...penalise(kernel, from, kept),
        ...(kernel.trained === 'codebook' ? [] : [updateOf(kernel, from, kept, optimizer)]),
        ...(bias ? [updateOf(bias, first, count, optimizer)] : []),
      ];
    });
  });
}

/** Outputs in about `parts` ranges that keep about as much each. */
function outputRanges(
  { ends, kernel }: LayerWeights,
  parts: number,
): { readonly first: number; readonly count: number }[] {
  const ranges: { first: number; count: number }[] = [];
  const most = kernel.kept.length / Math.max(1, parts);
  let first = 0;
  for (let output = 0; output < ends.length; output++) {
    const before = first === 0 ? 0 : ends[first - 1];
    if (ends[output] - before < most && output < ends.length - 1) continue;
    ranges.push({ first, count: output + 1 - first });
    first = output + 1;
  }
  return ranges;
}

function updateOf(held: Held, from: number, count: number, optimizer: OptimizerSpec): Call {
  const at = (address: number): number => address + FLOAT_BYTES * from;
  const { latents, gradients, slots } = held;
  if (optimizer.kind === 'sgd') {
    return ['momentum', at(latents), at(slots[0]), at(gradients), count, optimizer.momentum];
  }
  const { beta1, beta2, epsilon } = optimizer;
  const rests = [1 - beta1, 1 - beta2, epsilon] as const;
  return ['adam', at(latents), at(slots[0]), at(slots[1]), at(gradients), count, ...rests];
}
