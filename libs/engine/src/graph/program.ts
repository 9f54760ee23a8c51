import { feedName } from '../ops/feed';
import { inOrder, type Node, type Value } from '../ops/node';
import type { Variable } from '../ops/variable';

/** One thing that a program can do: what it gives back, and what it changes. */
export interface ProgramFunction {
  readonly name: string;
  /** Arrays that a call gives back, by name. */
  readonly fetches: Readonly<Record<string, Value>>;
  /** What a call changes; all fetches are as they were before. */
  readonly effects: readonly Node[];
}

/** State and the functions over it: what an executor is made from. */
export interface Program {
  readonly variables: readonly Variable[];
  readonly functions: readonly ProgramFunction[];
}

/** All nodes of a function, inputs first; the effects come last, so that everything is read before anything changes. */
export function nodesOf({ fetches, effects }: ProgramFunction): Node[] {
  const order = inOrder([...Object.values(fetches).map((value) => value.node), ...effects]);
  return [...order.filter((node) => node.outputs.length > 0), ...effects];
}

/** The feeds that a function needs, by name. */
export function feedsOf(nodes: readonly Node[]): Map<string, Value> {
  const feeds = new Map<string, Value>();
  for (const node of nodes) {
    for (const value of node.outputs) {
      const name = feedName(value);
      if (name !== undefined) feeds.set(name, value);
    }
  }
  return feeds;
}
