/**
 * A dense layer on one sample, all weights: up to 32 outputs at a time are kept in registers while the inputs that are not zero
 * pass by.
 *
 * Form: [block][in][outputs of a block], so that a block reads its weights from front to back.
 */
import { Locals, count, f32x4, i32, sequence, whileLoop, type Code } from '../wasm/code';
import type { Arena } from '../wasm/arena';
import type { ModuleBuilder } from '../wasm/module-builder';
import { listNonzeroInputs } from './nonzero-inputs';
import type { DenseSpec } from './sparse-rows';

const MAX_VECTORS = 8;

/** Adds the kernel as function `spec.name`. y needs room for whole blocks: see `paddedOutputs`. */
export function addDenseRows(
  { arena, module }: { readonly arena: Arena; readonly module: ModuleBuilder },
  spec: DenseSpec,
): void {
  const { inputs, x, y, list } = spec;
  const { blocks, vectors } = blocksOf(spec.outputs);
  const width = 4 * vectors;
  const bias = new Float32Array(blocks * width);
  bias.set(spec.bias);
  const at = { weights: arena.place(inBlocks(spec, blocks, width)), bias: arena.place(bias) };

  const locals = new Locals();
  const [next, row, weights, output] = Array.from({ length: 4 }, () => locals.i32());
  const value = locals.v128();
  const sums = Array.from({ length: vectors }, () => locals.v128());
  const nonzero = listNonzeroInputs(locals, { x, list, inputs });
  const each = (code: (sum: (typeof sums)[number], offset: number) => Code): Code =>
    sequence(...sums.map((sum, v) => code(sum, 16 * v)));
  const rowAt = locals.i32();

  const eachInput = sequence(
    row.set(i32.load(next.get)),
    value.set(f32x4.loadSplat(row.get, x)),
    // row is 4 * i, and a row has 16 * vectors bytes.
    rowAt.set(i32.add(weights.get, i32.multiply(row.get, i32.const(4 * vectors)))),
    each((sum, offset) =>
      sum.set(f32x4.add(sum.get, f32x4.multiply(value.get, f32x4.load(rowAt.get, at.weights + offset)))),
    ),
    next.set(i32.add(next.get, i32.const(4))),
  );
  const eachBlock = sequence(
    each((sum, offset) => sum.set(f32x4.load(output.get, at.bias + offset))),
    next.set(i32.const(list)),
    whileLoop(i32.lessThan(next.get, nonzero.end), eachInput),
    each((sum, offset) =>
      f32x4.store(output.get, spec.relu ? f32x4.larger(f32x4.zero, sum.get) : sum.get, y + offset),
    ),
    weights.set(i32.add(weights.get, i32.const(4 * width * inputs))),
  );
  module.add(
    spec.name,
    locals,
    sequence(
      nonzero.code,
      weights.set(i32.const(0)),
      count(output, { end: 4 * width * blocks, step: 4 * width }, eachBlock),
    ),
  );
}

/** How many outputs are written: whole blocks. */
export function paddedOutputs(outputs: number): number {
  const { blocks, vectors } = blocksOf(outputs);
  return 4 * blocks * vectors;
}

/** As few blocks as there have to be, all of one width. */
function blocksOf(outputs: number): { blocks: number; vectors: number } {
  const all = Math.ceil(outputs / 4);
  const blocks = Math.ceil(all / MAX_VECTORS);
  return { blocks, vectors: Math.ceil(all / blocks) };
}

function inBlocks({ kernel, inputs, outputs }: DenseSpec, blocks: number, width: number): Float32Array {
  const weights = new Float32Array(blocks * inputs * width);
  for (let block = 0; block < blocks; block++) {
    const first = block * width;
    for (let i = 0; i < inputs; i++) {
      const row = kernel.subarray(i * outputs + first, i * outputs + Math.min(outputs, first + width));
      weights.set(row, (block * inputs + i) * width);
    }
  }
  return weights;
}
