/**
 * A pruned dense layer on one sample, output by output: the inputs of four of its kept weights are the lanes of a vector. Every
 * weight is read, whatever its input is, from front to back; where few inputs are 0 that takes half the time of
 * `sparse-rows.ts`, which reads and writes an output for each weight.
 *
 * Form: steps of four weights, two steps side by side: eight input offsets (uint16), and the weights (float32) by themselves. Where
 * weights are shared, those of a step may be of one level: the pair of steps then has the offsets of two levels (uint16) behind, and
 * no weights. That is 2.5 bytes a weight instead of 6, and large layers wait for memory; but a level whose weights do not fill its
 * last step is filled up, by an input that is 0, the one behind the last.
 */
import { Locals, count, f32, f32x4, i32, sequence, whileLoop, type Code, type Local } from '../wasm/code';
import type { Arena } from '../wasm/arena';
import type { ModuleBuilder } from '../wasm/module-builder';
import type { Codes, DenseSpec } from './sparse-rows';

const LANES = 4;

/** Steps that are taken together, each with sums of its own: they need not wait for each other. */
const STEPS_TOGETHER = 2;
const OFFSETS = STEPS_TOGETHER * LANES;

/** Offsets are 16 bits, in bytes, also that of the input behind the last. */
export const MAX_COLUMN_INPUTS = 2 ** 14 - 1;

/** Adds the kernel as function `spec.name`; with `shared` level by level. Writes 0 behind the last input. */
export function addSparseColumns(
  { arena, module }: { readonly arena: Arena; readonly module: ModuleBuilder },
  spec: DenseSpec,
  shared?: Codes,
): void {
  const { x, y, inputs, outputs, relu } = spec;
  const form = columnsOf(spec, shared);
  const at = {
    numbers: arena.place(form.numbers),
    weights: arena.place(shared ? Float32Array.from([0, ...shared.codebook]) : form.weights),
    ends: arena.place(form.ends),
    bias: arena.place(spec.bias),
  };
  const locals = new Locals();
  const [entry, last, output, two] = Array.from({ length: 4 }, () => locals.i32());
  const [sum, other, ...gathered] = Array.from({ length: 2 + STEPS_TOGETHER }, () => locals.v128());

  /** Two are read at once, the even one first: there are fewer ways to memory than to arithmetic. */
  const number = (k: number): Code =>
    k % 2 === 0
      ? i32.and(two.tee(i32.load(entry.get, at.numbers + 2 * k)), i32.const(0xffff))
      : i32.shiftRight(two.get, 16);
  /** The offset of the outermost lane is read first. */
  const gather = (step: number): Code =>
    [2, 1, 0].reduce<Code>(
      (into, lane) => f32x4.loadLane(number(LANES * step + lane), into, { offset: x, lane }),
      f32x4.loadSplat(number(LANES * step + 3), x),
    );
  const weights = (step: number): Code =>
    shared
      ? f32x4.loadSplat(number(OFFSETS + step), at.weights)
      : f32x4.load(i32.shiftLeft(entry.get, 1), at.weights + 16 * step);
  const add = (to: Local, value: Code): Code => to.set(f32x4.add(to.get, value));
  const eachSteps = sequence(
    ...gathered.map((local, step) => local.set(gather(step))),
    ...gathered.map((local, step) => add(step === 0 ? sum : other, f32x4.multiply(weights(step), local.get))),
    entry.set(i32.add(entry.get, i32.const(2 * form.length))),
  );
  const eachOutput = sequence(
    last.set(i32.load(output.get, at.ends)),
    sum.set(f32x4.loadFirst(output.get, at.bias)),
    other.set(f32x4.zero),
    whileLoop(i32.lessThan(entry.get, last.get), eachSteps),
    add(sum, other.get),
    add(sum, f32x4.shuffle(sum.get, sum.get, [2, 3, 0, 1])),
    add(sum, f32x4.shuffle(sum.get, sum.get, [1, 0, 3, 2])),
    f32x4.storeLane(output.get, relu ? f32x4.larger(f32x4.zero, sum.get) : sum.get, { offset: y, lane: 0 }),
  );
  module.add(
    spec.name,
    locals,
    sequence(
      f32.store(i32.const(x + 4 * inputs), f32.zero),
      entry.set(i32.const(0)),
      count(output, { end: 4 * outputs, step: 4 }, eachOutput),
    ),
  );
}

interface Columns {
  /** Of each pair of steps `length`: offsets of inputs, and of levels. */
  readonly numbers: Uint16Array;
  readonly length: number;
  readonly weights: Float32Array;
  /** Of each output, in bytes of `numbers`. */
  readonly ends: Uint32Array;
}

function columnsOf({ kernel, inputs, outputs }: DenseSpec, shared?: Codes): Columns {
  /** Weights of one output and level share steps. */
  const levels = shared ? shared.codebook.length + 1 : 1;
  const length = OFFSETS + (shared ? STEPS_TOGETHER : 0);
  const each = (visit: (at: number, group: number) => void): void => {
    for (let at = 0; at < kernel.length; at++) {
      if (kernel[at] !== 0) visit(at, (at % outputs) * levels + (shared ? shared.codes[at] : 0));
    }
  };
  /** By group: how many weights there are, then the place of the next one. */
  const next = new Uint32Array(outputs * levels);
  each((_, group) => next[group]++);
  const ends = new Uint32Array(outputs);
  let steps = 0;
  for (let group = 0; group < next.length; group++) {
    const own = Math.ceil(next[group] / LANES);
    next[group] = LANES * steps;
    steps += own;
    if ((group + 1) % levels === 0) {
      steps += steps % STEPS_TOGETHER;
      ends[Math.floor(group / levels)] = length * steps;
    }
  }
  const weights = new Float32Array(shared ? 0 : LANES * steps);
  const numbers = new Uint16Array((length * steps) / STEPS_TOGETHER).fill(4 * inputs);
  const pairAt = (step: number): number => length * (step >> 1);
  for (let step = 0; shared && step < steps; step++) numbers[pairAt(step) + OFFSETS + (step % 2)] = 0;
  each((at, group) => {
    const place = next[group]++;
    const step = Math.floor(place / LANES);
    numbers[pairAt(step) + (place % OFFSETS)] = 4 * Math.floor(at / outputs);
    if (shared) numbers[pairAt(step) + OFFSETS + (step % 2)] = 4 * shared.codes[at];
    else weights[place] = kernel[at];
  });
  return { numbers, length, weights, ends };
}
