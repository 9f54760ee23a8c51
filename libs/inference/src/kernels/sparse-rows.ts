/**
 * A pruned dense layer on one sample: for each input that is not zero, its row of kept weights is added to the outputs.
 *
 * Form: row i is entries [starts[i], starts[i + 1]), each the place of an output (uint16) and a weight: as float32, or as its code
 * (uint8) with the codebook beside it. Places and codes are byte offsets where those fit, else numbers. Rows are filled up to
 * whole groups of four by entries that lead to an output behind the last.
 *
 * With codes, the codebook is multiplied by the input once a row: an entry then only looks its product up.
 */
import { Locals, count, f32, f32x4, i32, sequence, whileLoop, type Code, type Local } from '../wasm/code';
import type { Arena } from '../wasm/arena';
import type { ModuleBuilder } from '../wasm/module-builder';
import { listNonzeroInputs } from './nonzero-inputs';

const GROUP = 4;

/** Output numbers are 16 bits, and one is taken by the fillers. */
export const MAX_ROW_OUTPUTS = 65535;

/** Codes are 8 bits, and 0 is taken. */
export const MAX_ROW_LEVELS = 255;

export interface DenseSpec {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** [in, out] */
  readonly kernel: Float32Array;
  /** [out] */
  readonly bias: Float32Array;
  readonly relu: boolean;
  /** Addresses: x [in], y [out], each with room for a vector behind. */
  readonly x: number;
  readonly y: number;
  /** Room for [in] numbers. */
  readonly list: number;
}

export interface Codes {
  /** [in, out] */
  readonly codes: Uint16Array;
  readonly codebook: Float32Array;
}

/** Numbers up to these are held as byte offsets of float32: shifted left by 2. */
const MAX_SHIFTED = { output: 2 ** 14 - 1, code: 63 } as const;

interface Target {
  readonly arena: Arena;
  readonly module: ModuleBuilder;
}

/** Adds the kernel as function `spec.name`; with `shared` it looks weights up in the codebook. */
export function addSparseRows({ arena, module }: Target, spec: DenseSpec, shared?: Codes): void {
  const { inputs, outputs, x, y, list } = spec;
  const { starts, columns, from } = rowsOf(spec);
  const outputShift = outputs <= MAX_SHIFTED.output ? 2 : 0;
  const at = {
    starts: arena.place(starts),
    columns: arena.place(columns.map((column) => column << outputShift)),
    bias: arena.place(spec.bias),
  };
  const locals = new Locals();
  const [next, row, entry, last, output, pairs] = Array.from({ length: 6 }, () => locals.i32());
  const value = locals.f32();
  const nonzero = listNonzeroInputs(locals, { x, list, inputs });
  const products = shared
    ? lookUp(arena, locals, { shared, from, value, entry })
    : multiply(arena, locals, { kernel: spec.kernel, from, value, entry });

  /** The k-th place of a group: two of them are read at once, as there are fewer ways to memory than to arithmetic. */
  const place = (k: number): Code => {
    const pair = k % 2 === 0 ? pairs.tee(readPair(k)) : pairs.get;
    const number = k % 2 === 0 ? i32.and(pair, i32.const(0xffff)) : i32.shiftRight(pair, 16);
    return i32.shiftLeft(number, 2 - outputShift);
  };
  const readPair = (k: number): Code => i32.load(i32.shiftLeft(entry.get, 1), at.columns + 2 * k);
  const addOne = (k: number): Code =>
    sequence(
      output.set(place(k)),
      f32.store(output.get, f32.add(f32.load(output.get, y), products.product(k)), y),
    );
  const addRow = whileLoop(
    i32.lessThan(entry.get, last.get),
    sequence(
      products.beforeGroup,
      ...Array.from({ length: GROUP }, (_, k) => addOne(k)),
      entry.set(i32.add(entry.get, i32.const(GROUP))),
    ),
  );
  const eachInput = sequence(
    row.set(i32.load(next.get)),
    value.set(f32.load(row.get, x)),
    entry.set(i32.load(row.get, at.starts)),
    last.set(i32.load(row.get, at.starts + 4)),
    products.beforeRow,
    addRow,
    next.set(i32.add(next.get, i32.const(4))),
  );
  module.add(
    spec.name,
    locals,
    sequence(
      nonzero.code,
      overOutputs(output, outputs, (at4) => f32x4.store(at4, f32x4.load(at4, at.bias), y)),
      next.set(i32.const(list)),
      whileLoop(i32.lessThan(next.get, nonzero.end), eachInput),
      spec.relu
        ? overOutputs(output, outputs, (at4) =>
            f32x4.store(at4, f32x4.larger(f32x4.zero, f32x4.load(at4, y)), y),
          )
        : [],
    ),
  );
}

interface Products {
  readonly beforeRow: Code;
  readonly beforeGroup: Code;
  /** Input times weight, of the k-th entry of a group. */
  product(k: number): Code;
}

interface RowState {
  /** Which weight each entry is, -1 for a filler. */
  readonly from: Int32Array;
  readonly value: Local;
  readonly entry: Local;
}

function multiply(
  arena: Arena,
  locals: Locals,
  { kernel, from, value, entry }: RowState & { readonly kernel: Float32Array },
): Products {
  const weights = arena.place(valuesAt(kernel, from));
  const factor = locals.v128();
  const group = locals.v128();
  return {
    beforeRow: factor.set(f32x4.splat(value.get)),
    beforeGroup: group.set(f32x4.multiply(factor.get, f32x4.load(i32.shiftLeft(entry.get, 2), weights))),
    product: (k) => f32x4.lane(group.get, k),
  };
}

function lookUp(
  arena: Arena,
  locals: Locals,
  { shared, from, value, entry }: RowState & { readonly shared: Codes },
): Products {
  const shift = shared.codebook.length <= MAX_SHIFTED.code ? 2 : 0;
  const codes = arena.place(codesAt(shared, from).map((code) => code << shift));
  const codebook = arena.place(Float32Array.from([0, ...shared.codebook]));
  const products = arena.reserve(shared.codebook.length + 1);
  const factor = locals.v128();
  const group = locals.i32();
  const vectors = Math.ceil((shared.codebook.length + 1) / 4);
  const code = (k: number): Code => i32.and(i32.shiftRight(group.get, 8 * k), i32.const(0xff));
  return {
    beforeRow: sequence(
      factor.set(f32x4.splat(value.get)),
      ...Array.from({ length: vectors }, (_, v) => {
        const levels = f32x4.load(i32.const(0), codebook + 16 * v);
        return f32x4.store(i32.const(0), f32x4.multiply(factor.get, levels), products + 16 * v);
      }),
    ),
    beforeGroup: group.set(i32.load(entry.get, codes)),
    product: (k) => f32.load(i32.shiftLeft(code(k), 2 - shift), products),
  };
}

function overOutputs(counter: ReturnType<Locals['i32']>, outputs: number, body: (at: Code) => Code): Code {
  return count(counter, { end: 4 * Math.ceil(outputs / 4) * 4, step: 16 }, body(counter.get));
}

/** @returns `from`: which weight each entry is, -1 for a filler */
function rowsOf({ kernel, inputs, outputs }: DenseSpec): {
  starts: Uint32Array;
  columns: Uint16Array;
  from: Int32Array;
} {
  const starts = new Uint32Array(inputs + 1);
  for (let i = 0, at = 0; i < inputs; i++) {
    let kept = 0;
    for (const end = at + outputs; at < end; at++) if (kernel[at] !== 0) kept++;
    starts[i + 1] = starts[i] + Math.ceil(kept / GROUP) * GROUP;
  }
  const columns = new Uint16Array(starts[inputs]).fill(outputs);
  const from = new Int32Array(starts[inputs]).fill(-1);
  for (let i = 0, at = 0; i < inputs; i++) {
    let entry = starts[i];
    for (let output = 0; output < outputs; output++, at++) {
      if (kernel[at] === 0) continue;
      columns[entry] = output;
      from[entry++] = at;
    }
  }
  return { starts, columns, from };
}

function valuesAt(kernel: Float32Array, from: Int32Array): Float32Array {
  const values = new Float32Array(from.length);
  for (let entry = 0; entry < from.length; entry++) if (from[entry] >= 0) values[entry] = kernel[from[entry]];
  return values;
}

function codesAt({ codes }: Codes, from: Int32Array): Uint8Array {
  const bytes = new Uint8Array(from.length);
  for (let entry = 0; entry < from.length; entry++) if (from[entry] >= 0) bytes[entry] = codes[from[entry]];
  return bytes;
}
