/**
 * A pruned dense layer on one sample: for each input that is not zero, its row of kept weights is added to the outputs.
 *
 * Form: row i is entries [starts[i], starts[i + 1]), each an output number (uint16) and a weight: as float32, or as its code
 * (uint8) with the codebook beside it. Rows are filled up to whole groups of four by entries that lead to an output
 * behind the last.
 */
import { Locals, count, f32, f32x4, i32, sequence, whileLoop, type Code } from '../wasm/code';
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

interface Target {
  readonly arena: Arena;
  readonly module: ModuleBuilder;
}

/** Adds the kernel as function `spec.name`; with `shared` it looks weights up in the codebook. */
export function addSparseRows({ arena, module }: Target, spec: DenseSpec, shared?: Codes): void {
  const { inputs, outputs, x, y, list } = spec;
  const { starts, columns, from } = rowsOf(spec);
  const at = {
    starts: arena.place(starts),
    columns: arena.place(columns),
    weights: arena.place(shared ? codesAt(shared, from) : valuesAt(spec.kernel, from)),
    codebook: shared ? arena.place(Float32Array.from([0, ...shared.codebook])) : 0,
    bias: arena.place(spec.bias),
  };

  const locals = new Locals();
  const [next, row, entry, last, output] = Array.from({ length: 5 }, () => locals.i32());
  const value = locals.f32();
  const nonzero = listNonzeroInputs(locals, { x, list, inputs });

  const weight = (k: number): Code =>
    shared
      ? f32.load(i32.shiftLeft(i32.load8(entry.get, at.weights + k), 2), at.codebook)
      : f32.load(i32.shiftLeft(entry.get, 2), at.weights + 4 * k);
  const addOne = (k: number): Code =>
    sequence(
      output.set(i32.shiftLeft(i32.load16(i32.shiftLeft(entry.get, 1), at.columns + 2 * k), 2)),
      f32.store(output.get, f32.add(f32.load(output.get, y), f32.multiply(value.get, weight(k))), y),
    );
  const addRow = whileLoop(
    i32.lessThan(entry.get, last.get),
    sequence(
      ...Array.from({ length: GROUP }, (_, k) => addOne(k)),
      entry.set(i32.add(entry.get, i32.const(GROUP))),
    ),
  );
  const eachInput = sequence(
    row.set(i32.load(next.get)),
    value.set(f32.load(row.get, x)),
    entry.set(i32.load(row.get, at.starts)),
    last.set(i32.load(row.get, at.starts + 4)),
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
