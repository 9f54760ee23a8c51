/**
 * How a variable of a SavedModel gets its content. The plain way costs twice its size, as TensorFlow copies a fed array
 * that is not aligned to 64 bytes, which JavaScript's never are, and the variable must have an array of its own. So large ones
 * are set in one of two other ways, each of which takes no more than the variable itself.
 */
import { sizeOf } from '@espalier/tensor';
import type { Variable } from '../ops/variable';
import { callPlan, type CallPlan } from './call-plan';
import type { GraphDef } from './graph-def';

/** Copying that many elements (4 MiB of float32) takes ten times as long as a call costs. */
const SLICE_ELEMENTS = 2 ** 20;

/** A variable whose size has no divisor between this and a slice is set at once: no network has one. */
const LEAST_SLICE_ELEMENTS = 2 ** 12;

/** Sets a variable to a fed `value`, which is copied. */
interface CopySetter {
  readonly kind: 'copy';
  readonly copy: CallPlan;
}

/** `make` gives the variable memory of TensorFlow's; `fill` then copies a `value` of `width` elements to `row`. */
interface SliceSetter {
  readonly kind: 'slices';
  readonly make: CallPlan;
  readonly fill: CallPlan;
  readonly rows: number;
  readonly width: number;
}

/** Fed an aligned array, the variable *is* that array: see ./lent-memory. */
interface LendSetter {
  readonly kind: 'lend';
  readonly lend: CallPlan;
}

export type Setter = CopySetter | SliceSetter | LendSetter;

export interface SetterOptions {
  /** Ends the names of the nodes. */
  readonly suffix: string;
  /** May the variable lie in JavaScript's memory? TensorFlow copies such a variable when it changes or gathers from it. */
  readonly lend: boolean;
}

/** Writes the nodes that set a variable. */
export function writeSetter(graph: GraphDef, variable: Variable, { suffix, lend }: SetterOptions): Setter {
  if (lend) return { kind: 'lend', lend: writeAssign(graph, variable, { suffix, copied: false }) };
  const width = sliceWidth(sizeOf(variable.shape));
  if (width !== undefined) return writeSlices(graph, variable, { suffix, width });
  return { kind: 'copy', copy: writeAssign(graph, variable, { suffix, copied: true }) };
}

/** Elements of a slice, a divisor of `size`; undefined for what is set at once. */
export function sliceWidth(size: number): number | undefined {
  if (size <= SLICE_ELEMENTS) return undefined;
  for (let width = SLICE_ELEMENTS; width >= LEAST_SLICE_ELEMENTS; width--) {
    if (size % width === 0) return width;
  }
  return undefined;
}

function writeAssign(
  graph: GraphDef,
  variable: Variable,
  { suffix, copied }: { suffix: string; copied: boolean },
): CallPlan {
  const { dtype, shape } = variable;
  const [value, copy, assign] = names(suffix, 'value', 'copy', 'assign');
  graph.write(value, 'Placeholder', [], { dtype: { type: dtype }, shape: { shape } });
  // A fed array may share JavaScript's memory, and a variable keeps the array that it is given: without the copy,
  // training would write into the caller's array.
  if (copied) graph.write(copy, 'DeepCopy', [value], { T: { type: dtype } });
  const source = copied ? copy : value;
  graph.write(assign, 'AssignVariableOp', [graph.handle(variable), source], { dtype: { type: dtype } });
  return callPlan([{ name: 'value', ref: value, dtype, shape }], [done(graph, suffix, assign)]);
}

/**
 * ResourceScatterUpdate would write slices, too, but turns every later read of the variable into a copy; InplaceUpdate
 * writes into the memory of what it is given, here two views of the variable's.
 */
function writeSlices(
  graph: GraphDef,
  variable: Variable,
  { suffix, width }: { suffix: string; width: number },
): SliceSetter {
  const { dtype } = variable;
  const type = { type: dtype };
  const rows = sizeOf(variable.shape) / width;
  const handle = graph.handle(variable);

  // The old memory goes first; and a variable that was gathered from, which is read by copies, becomes a new one.
  const [drop, empty, assign] = names(suffix, 'drop', 'empty', 'assign');
  graph.write(drop, 'DestroyResourceOp', [handle], { ignore_lookup_error: { bool: true } });
  graph.write(empty, 'Empty', [graph.ints(variable.shape), `^${drop}`], {
    dtype: type,
    init: { bool: false },
  });
  graph.write(assign, 'AssignVariableOp', [handle, empty], { dtype: type });

  const [row, value, content, table, update] = names(suffix, 'row', 'value', 'content', 'table', 'update');
  graph.write(row, 'Placeholder', [], { dtype: { type: 'int32' }, shape: { shape: [1] } });
  graph.write(value, 'Placeholder', [], { dtype: type, shape: { shape: [1, width] } });
  graph.write(content, 'ReadVariableOp', [handle], { dtype: type });
  graph.write(table, 'Reshape', [content, graph.ints([rows, width])], {
    T: type,
    Tshape: { type: 'int32' },
  });
  graph.write(update, 'InplaceUpdate', [table, row, value], { T: type });
  const feeds = [
    { name: 'row', ref: row, dtype: 'int32', shape: [1] },
    { name: 'value', ref: value, dtype, shape: [1, width] },
  ] as const;
  return {
    kind: 'slices',
    make: callPlan([], [done(graph, `make${suffix}`, assign)]),
    fill: callPlan(feeds, [done(graph, suffix, update)]),
    rows,
    width,
  };
}

/** The binding fetches arrays but takes no targets: a constant that waits for the effect. */
function done(graph: GraphDef, suffix: string, effect: string): { name: string; ref: string } {
  const ref = `set${suffix}`;
  graph.write(ref, 'Identity', [graph.ints(0), `^${effect}`], { T: { type: 'int32' } });
  return { name: 'done', ref };
}

function names(suffix: string, ...stems: string[]): string[] {
  return stems.map((stem) => `${stem}${suffix}`);
}
