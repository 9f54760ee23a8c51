/**
 * A program as a SavedModel: one graph with all functions in it, and for each variable a way to set and to get it.
 * TensorFlow runs of it only what a call's fetches need.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { feedsOf, nodesOf, type Program } from '../graph/program';
import { callPlan, type CallPlan } from './call-plan';
import { GraphDef } from './graph-def';
import { lendable } from './lent-memory';
import { Message } from './protobuf';
import { writeSetter, type Setter } from './set-variable';

export const SERVE_TAG = 'serve';

export interface SavedModel {
  readonly bytes: Uint8Array;
  readonly functions: ReadonlyMap<string, CallPlan>;
  readonly getters: ReadonlyMap<string, CallPlan>;
  readonly setters: ReadonlyMap<string, Setter>;
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
      dtype: value.dtype,
      shape: value.shape,
    }));
    // The binding fetches arrays but takes no targets: each fetch waits for the effects by control inputs.
    const after = each.effects.map((node) => `^${graph.nameOf(node)}`);
    const fetches = Object.entries(each.fetches).map(([name, value], i) => {
      const output = `out_${each.name}_${i}`;
      graph.write(output, 'Identity', [graph.ref(value), ...after], { T: { type: value.dtype } });
      return { name, ref: output };
    });
    functions.set(each.name, callPlan(feeds, fetches));
  }

  const getters = new Map<string, CallPlan>();
  const setters = new Map<string, Setter>();
  const lent = lendable(program);
  program.variables.forEach((variable, i) => {
    const dtype = { type: variable.dtype };
    if (variable.dtype !== 'uint8') {
      graph.write(`get${i}`, 'ReadVariableOp', [graph.handle(variable)], { dtype });
      getters.set(variable.name, callPlan([], [{ name: 'value', ref: `get${i}` }]));
    }
    const options = { suffix: String(i), lend: lent.has(variable) };
    setters.set(variable.name, writeSetter(graph, variable, options));
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
