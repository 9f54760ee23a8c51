/**
 * A program as a SavedModel: one graph with all functions in it, and for each variable a way to set and to get it.
 * TensorFlow runs of it only what a call's fetches need.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedsOf, nodesOf, type Program } from '../graph/program';
import type { NodeType } from '../ops/node';
import type { Shape } from '@espalier/tensor';
import { GraphDef } from './graph-def';
import { Message } from './protobuf';

export const SERVE_TAG = 'serve';

/** How to call one function of the model. */
export interface CallPlan {
  readonly feeds: readonly { readonly name: string; readonly dtype: NodeType; readonly shape: Shape }[];
  /** `name:0` of each feed's placeholder, joined by commas, as the binding wants it. */
  readonly feedNames: string;
  readonly fetches: readonly string[];
  readonly fetchNames: string;
}

export interface SavedModel {
  readonly bytes: Uint8Array;
  readonly functions: ReadonlyMap<string, CallPlan>;
  readonly getters: ReadonlyMap<string, CallPlan>;
  readonly setters: ReadonlyMap<string, CallPlan>;
}

export function writeSavedModel(program: Program): SavedModel {
  const graph = new GraphDef();
  const functions = new Map<string, CallPlan>();
  for (const each of program.functions) {
    const nodes = nodesOf(each);
    graph.addFunction(nodes);
    const feeds = [...feedsOf(nodes)].map(([name, value]) => ({
      name,
      ref: graph.ref(value),
      ...pick(value),
    }));
    // The binding fetches arrays but takes no targets: each fetch waits for the effects by control inputs.
    const after = each.effects.map((node) => `^${graph.nameOf(node)}`);
    const fetches = Object.entries(each.fetches).map(([name, value], i) => {
      const output = `out_${each.name}_${i}`;
      graph.write(output, 'Identity', [graph.ref(value), ...after], { T: { type: value.dtype } });
      return { name, ref: output };
    });
    functions.set(each.name, plan(feeds, fetches));
  }

  const getters = new Map<string, CallPlan>();
  const setters = new Map<string, CallPlan>();
  program.variables.forEach((variable, i) => {
    const dtype = { type: variable.dtype };
    const handle = graph.handle(variable);
    if (variable.dtype !== 'uint8') {
      graph.write(`get${i}`, 'ReadVariableOp', [handle], { dtype });
      getters.set(variable.name, plan([], [{ name: 'value', ref: `get${i}` }]));
    }
    graph.write(`value${i}`, 'Placeholder', [], { dtype, shape: { shape: variable.shape } });
    // A fed array shares JavaScript's memory, and a variable keeps the array that it is given: without the copy,
    // training would write into the caller's array, and free it on a foreign thread.
    graph.write(`copy${i}`, 'DeepCopy', [`value${i}`], { T: dtype });
    graph.write(`assign${i}`, 'AssignVariableOp', [handle, `copy${i}`], { dtype });
    graph.write(`set${i}`, 'Identity', [graph.ints(0), `^assign${i}`], { T: { type: 'int32' } });
    setters.set(
      variable.name,
      plan([{ name: 'value', ref: `value${i}`, ...pick(variable) }], [{ name: 'done', ref: `set${i}` }]),
    );
  });

  // SavedModel: saved_model_schema_version 1, meta_graphs 2. MetaGraphDef: meta_info_def 1 (tags 4), graph_def 2.
  const meta = new Message().message(1, new Message().text(4, SERVE_TAG)).message(2, graph.toMessage());
  return { bytes: new Message().integer(1, 1).message(2, meta).toBytes(), functions, getters, setters };
}

/** Puts the model into a folder for as long as `load` reads it. */
export function withModelFolder<T>(model: SavedModel, load: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-program-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), model.bytes);
    return load(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pick({ dtype, shape }: { dtype: NodeType; shape: Shape }): { dtype: NodeType; shape: Shape } {
  return { dtype, shape };
}

function plan(
  feeds: readonly { name: string; ref: string; dtype: NodeType; shape: Shape }[],
  fetches: readonly { name: string; ref: string }[],
): CallPlan {
  // Names without ":0" are misread by the binding.
  const join = (list: readonly { ref: string }[]): string => list.map(({ ref }) => `${ref}:0`).join(',');
  return {
    feeds: feeds.map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] })),
    feedNames: join(feeds),
    fetches: fetches.map(({ name }) => name),
    fetchNames: join(fetches),
  };
}
