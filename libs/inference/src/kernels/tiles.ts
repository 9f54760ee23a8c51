/**
 * Convolutions, and dense layers on many samples: both add weighted copies of input numbers that lie side by side (a row of the
 * image, or one input of all samples) to outputs that lie side by side. A tile of the outputs is kept in registers
 * while the weights pass by; the weights of an output stay in the cache while it goes over its tiles.
 *
 * An input number is named by its offset from where the tile begins, so a weight that was removed costs nothing.
 */
import { Locals, count, f32x4, i32, sequence, whileLoop, type Code, type Local } from '../wasm/code';
import type { Arena } from '../wasm/arena';
import type { ModuleBuilder } from '../wasm/module-builder';

/** Registers for sums: 16 vector registers, less what weights, the inputs and the compiler need. */
export const MAX_TILE_VECTORS = 8;

/**
 * So many kept weights are worked on together: their products are added as a tree before they reach a sum, which takes a third less
 * time than one by one. More do not fit into the registers, and neither does a second loop for what is left over: the
 * entries of an output are filled up to a multiple of this.
 */
export const ENTRIES_TOGETHER = 4;
const ENTRY_BYTES = 8;

/** Bytes throughout. */
export interface Tiling {
  /** Where each tile begins, from the first one. */
  readonly tiles: readonly Place[];
  /** Where each vector of a tile lies, from where the tile begins. */
  readonly vectors: readonly Place[];
}

interface Place {
  readonly x: number;
  readonly y: number;
}

export interface TileSpec {
  readonly name: string;
  /** Addresses. */
  readonly x: number;
  readonly y: number;
  readonly tiling: Tiling;
  /** Bytes from one output to the next. */
  readonly outputStep: number;
  readonly outputs: number;
  /** [outputs] */
  readonly bias: Float32Array;
  readonly relu: boolean;
  /** Input offsets are shifted left by this: the same form serves 8 samples and 32. */
  readonly shift: number;
}

/**
 * The kept weights of each output: entries [starts[o], starts[o + 1]) are pairs of input offset (uint32) and weight (float32), a
 * multiple of `ENTRIES_TOGETHER`.
 */
export interface SparseOutputs {
  readonly starts: Uint32Array;
  readonly entries: Uint32Array;
}

/** All weights, in groups (of a grouped convolution) and blocks of outputs: [group][block][input][outputs of a block]. */
export interface DenseOutputs {
  readonly weights: Float32Array;
  /** Of each input of a group. */
  readonly offsets: Uint32Array;
  readonly blockOutputs: 1 | 2 | 4;
  readonly groups: number;
  readonly blocks: number;
  /** From the inputs of a group to those of the next. */
  readonly groupStep: number;
}

interface Target {
  readonly arena: Arena;
  readonly module: ModuleBuilder;
}

export function addSparseTiles({ arena, module }: Target, spec: TileSpec, form: SparseOutputs): void {
  const { x, y, tiling, outputs, shift } = spec;
  const at = {
    starts: arena.place(form.starts.map((start) => ENTRY_BYTES * start)),
    entries: arena.place(form.entries),
    bias: arena.place(spec.bias),
  };
  const locals = new Locals();
  const [output, first, last, entry, tileX, tileY, outputY] = Array.from({ length: 7 }, () => locals.i32());
  const read = Array.from({ length: ENTRIES_TOGETHER }, () => ({
    from: locals.i32(),
    weight: locals.v128(),
  }));
  const sums = tiling.vectors.map(() => locals.v128());

  /** Weight times input, of entries `k` to `k + many` of a group: their sum, for one vector of the tile. */
  const products = (v: number, k: number, many: number): Code =>
    many === 1
      ? f32x4.multiply(read[k].weight.get, f32x4.load(read[k].from.get, x + tiling.vectors[v].x))
      : f32x4.add(products(v, k, many / 2), products(v, k + many / 2, many / 2));
  const eachGroup = sequence(
    ...read.flatMap(({ from, weight }, k) => {
      const offset = i32.load(entry.get, at.entries + ENTRY_BYTES * k);
      return [
        from.set(i32.add(tileX.get, i32.shiftLeft(offset, shift))),
        weight.set(f32x4.loadSplat(entry.get, at.entries + ENTRY_BYTES * k + 4)),
      ];
    }),
    ...sums.map((sum, v) => sum.set(f32x4.add(sum.get, products(v, 0, ENTRIES_TOGETHER)))),
    entry.set(i32.add(entry.get, i32.const(ENTRY_BYTES * ENTRIES_TOGETHER))),
  );
  const eachTile = sequence(
    sums[0].set(f32x4.loadSplat(output.get, at.bias)),
    ...sums.slice(1).map((sum) => sum.set(sums[0].get)),
    entry.set(first.get),
    whileLoop(i32.lessThan(entry.get, last.get), eachGroup),
    ...sums.map((sum, v) => f32x4.store(tileY.get, activated(sum, spec.relu), y + tiling.vectors[v].y)),
  );
  const eachOutput = sequence(
    first.set(i32.load(output.get, at.starts)),
    last.set(i32.load(output.get, at.starts + 4)),
    overTiles(locals, { arena, tiling, tileX, tileY, startX: i32.const(0), startY: outputY.get }, eachTile),
    outputY.set(i32.add(outputY.get, i32.const(spec.outputStep))),
  );
  module.add(
    spec.name,
    locals,
    sequence(outputY.set(i32.const(0)), count(output, { end: 4 * outputs, step: 4 }, eachOutput)),
  );
}

export function addDenseTiles({ arena, module }: Target, spec: TileSpec, form: DenseOutputs): void {
  const { x, y, tiling, shift } = spec;
  const { blockOutputs, blocks, groups, groupStep } = form;
  const inputs = form.offsets.length;
  const padded = new Float32Array(groups * blocks * blockOutputs);
  padded.set(spec.bias);
  const at = {
    weights: arena.place(form.weights),
    offsets: arena.place(form.offsets),
    bias: arena.place(padded),
  };
  const locals = new Locals();
  const [group, block, groupX, bias, input, weights, blockWeights, from, tileX, tileY, blockY] = Array.from(
    { length: 11 },
    () => locals.i32(),
  );
  const xs = tiling.vectors.map(() => locals.v128());
  const weight = locals.v128();
  const sums = Array.from({ length: blockOutputs }, () => tiling.vectors.map(() => locals.v128()));

  const eachInput = sequence(
    from.set(i32.add(tileX.get, i32.shiftLeft(i32.load(input.get, at.offsets), shift))),
    ...xs.map((value, v) => value.set(f32x4.load(from.get, x + tiling.vectors[v].x))),
    ...sums.flatMap((row, o) => [
      weight.set(f32x4.loadSplat(weights.get, at.weights + 4 * o)),
      ...row.map((sum, v) => sum.set(f32x4.add(sum.get, f32x4.multiply(weight.get, xs[v].get)))),
    ]),
    weights.set(i32.add(weights.get, i32.const(4 * blockOutputs))),
  );
  const eachTile = sequence(
    ...sums.flatMap(([head, ...rest], o) => [
      head.set(f32x4.loadSplat(bias.get, at.bias + 4 * o)),
      ...rest.map((sum) => sum.set(head.get)),
    ]),
    weights.set(blockWeights.get),
    count(input, { end: 4 * inputs, step: 4 }, eachInput),
    ...sums.flatMap((row, o) =>
      row.map((sum, v) =>
        f32x4.store(tileY.get, activated(sum, spec.relu), y + tiling.vectors[v].y + o * spec.outputStep),
      ),
    ),
  );
  const eachBlock = sequence(
    overTiles(locals, { arena, tiling, tileX, tileY, startX: groupX.get, startY: blockY.get }, eachTile),
    blockY.set(i32.add(blockY.get, i32.const(blockOutputs * spec.outputStep))),
    bias.set(i32.add(bias.get, i32.const(4 * blockOutputs))),
    blockWeights.set(i32.add(blockWeights.get, i32.const(4 * blockOutputs * inputs))),
  );
  const eachGroup = sequence(
    count(block, { end: blocks, step: 1 }, eachBlock),
    groupX.set(i32.add(groupX.get, i32.const(groupStep))),
  );
  module.add(
    spec.name,
    locals,
    sequence(
      ...[groupX, blockY, bias, blockWeights].map((local) => local.set(i32.const(0))),
      count(group, { end: groups, step: 1 }, eachGroup),
    ),
  );
}

interface TileWalk {
  readonly arena: Arena;
  readonly tiling: Tiling;
  readonly tileX: Local;
  readonly tileY: Local;
  readonly startX: Code;
  readonly startY: Code;
}

/**
 * `body` for each tile of one output, with tileX and tileY where it begins. One loop over a table: V8 unrolls small loops the more
 * the deeper they are nested, and the innermost ones here have no registers for that.
 */
function overTiles(locals: Locals, walk: TileWalk, body: Code): Code {
  const { arena, tiling, tileX, tileY, startX, startY } = walk;
  const table = arena.place(Uint32Array.from(tiling.tiles.flatMap(({ x, y }) => [x, y])));
  const tile = locals.i32();
  return count(
    tile,
    { end: 8 * tiling.tiles.length, step: 8 },
    sequence(
      tileX.set(i32.add(startX, i32.load(tile.get, table))),
      tileY.set(i32.add(startY, i32.load(tile.get, table + 4))),
      body,
    ),
  );
}

function activated(sum: Local, relu: boolean): Code {
  return relu ? f32x4.larger(f32x4.zero, sum.get) : sum.get;
}
