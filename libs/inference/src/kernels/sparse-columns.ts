/**
 * A pruned dense layer on one sample, output by output: four outputs are the lanes of a vector, and each lane adds up the kept
 * weights of its own output. Every weight is read, whatever its input is; where few inputs are 0 that takes half the time of
 * `sparse-rows.ts`, which reads and writes an output for each weight.
 *
 * Form: outputs with about as many weights share a vector (SELL-C-sigma of Kreutzer et al. 2014, with C = 4 and sigma = all
 * outputs). Group g has the steps [starts[g], starts[g + 1]), each four input offsets (uint16) and four weights (float32); shorter
 * outputs are filled up by weights of 0.
 */
import { Locals, count, f32, f32x4, i32, sequence, whileLoop, type Code } from '../wasm/code';
import type { Arena } from '../wasm/arena';
import type { ModuleBuilder } from '../wasm/module-builder';
import type { DenseSpec } from './sparse-rows';

const LANES = 4;

/** Steps that are taken together, each with sums of its own: they need not wait for each other. */
const STEPS_TOGETHER = 2;

/** Input offsets are 16 bits, in bytes. */
export const MAX_COLUMN_INPUTS = 2 ** 14;

/** Adds the kernel as function `spec.name`. y needs room for a vector behind the last output. */
export function addSparseColumns(
  { arena, module }: { readonly arena: Arena; readonly module: ModuleBuilder },
  spec: DenseSpec,
): void {
  const { x, y, relu } = spec;
  const form = columnsOf(spec);
  const at = {
    starts: arena.place(form.starts),
    inputs: arena.place(form.inputs),
    weights: arena.place(form.weights),
    bias: arena.place(Float32Array.from(form.order, (output) => spec.bias[output] ?? 0)),
    outputs: arena.place(form.order.map((output) => 4 * output)),
  };
  const locals = new Locals();
  const [group, entry, last, entryWeights, places, output, pair] = Array.from({ length: 7 }, () =>
    locals.i32(),
  );
  const sums = Array.from({ length: STEPS_TOGETHER }, () => locals.v128());
  const result = locals.v128();

  /** Four inputs, one for each lane; two of their offsets are read at once, as there are fewer ways to memory than to arithmetic. */
  const gathered = (step: number): Code => {
    const inputAt = (lane: number): Code => {
      if (lane % 2 === 1) return i32.shiftRight(pair.get, 16);
      const two = i32.load(entry.get, at.inputs + 2 * (LANES * step + lane));
      return i32.and(pair.tee(two), i32.const(0xffff));
    };
    return [1, 2, 3].reduce<Code>(
      (into, lane) => f32x4.insertLane(into, f32.load(inputAt(lane), x), lane),
      f32x4.loadFirst(inputAt(0), x),
    );
  };
  const eachSteps = sequence(
    entryWeights.set(i32.shiftLeft(entry.get, 1)),
    ...sums.map((sum, step) =>
      sum.set(
        f32x4.add(
          sum.get,
          f32x4.multiply(f32x4.load(entryWeights.get, at.weights + 16 * step), gathered(step)),
        ),
      ),
    ),
    entry.set(i32.add(entry.get, i32.const(2 * LANES * STEPS_TOGETHER))),
  );
  const total = sums.map((sum) => sum.get).reduce((a, b) => f32x4.add(a, b));
  const eachGroup = sequence(
    entry.set(i32.load(group.get, at.starts)),
    last.set(i32.load(group.get, at.starts + 4)),
    places.set(i32.shiftLeft(group.get, 2)),
    sums[0].set(f32x4.load(places.get, at.bias)),
    ...sums.slice(1).map((sum) => sum.set(f32x4.zero)),
    whileLoop(i32.lessThan(entry.get, last.get), eachSteps),
    result.set(relu ? f32x4.larger(f32x4.zero, total) : total),
    ...Array.from({ length: LANES }, (_, lane) =>
      sequence(
        output.set(i32.load(places.get, at.outputs + 4 * lane)),
        f32x4.storeLane(output.get, result.get, { offset: y, lane }),
      ),
    ),
  );
  module.add(spec.name, locals, count(group, { end: 4 * form.groups, step: 4 }, eachGroup));
}

interface Columns {
  readonly groups: number;
  /** Output of each lane of each group; those behind the last output are nobody's. */
  readonly order: Uint32Array;
  /** In bytes of `inputs`. */
  readonly starts: Uint32Array;
  readonly inputs: Uint16Array;
  readonly weights: Float32Array;
}

function columnsOf({ kernel, inputs, outputs }: DenseSpec): Columns {
  const kept = new Uint32Array(outputs);
  for (let i = 0, at = 0; i < inputs; i++) {
    for (let output = 0; output < outputs; output++, at++) if (kernel[at] !== 0) kept[output]++;
  }
  const groups = Math.ceil(outputs / LANES);
  const order = Uint32Array.from({ length: LANES * groups }, (_, lane) => lane);
  order.subarray(0, outputs).sort((a, b) => kept[b] - kept[a] || a - b);
  const firstStep = new Uint32Array(groups + 1);
  for (let group = 0; group < groups; group++) {
    const steps = Math.ceil(kept[order[LANES * group]] / STEPS_TOGETHER) * STEPS_TOGETHER;
    firstStep[group + 1] = firstStep[group] + steps;
  }
  const next = new Uint32Array(outputs);
  for (let lane = 0; lane < order.length; lane++) {
    if (order[lane] < outputs)
      next[order[lane]] = LANES * firstStep[Math.floor(lane / LANES)] + (lane % LANES);
  }
  const offsets = new Uint16Array(LANES * firstStep[groups]);
  const weights = new Float32Array(offsets.length);
  for (let i = 0, at = 0; i < inputs; i++) {
    for (let output = 0; output < outputs; output++, at++) {
      if (kernel[at] === 0) continue;
      offsets[next[output]] = 4 * i;
      weights[next[output]] = kernel[at];
      next[output] += LANES;
    }
  }
  return { groups, order, starts: firstStep.map((step) => 2 * LANES * step), inputs: offsets, weights };
}
