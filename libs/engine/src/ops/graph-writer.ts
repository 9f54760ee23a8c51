import type { Node, NodeType, Value } from './node';
import type { Shape } from '@espalier/tensor';
import type { Variable } from './variable';

/** An attribute of a TensorFlow node, by the field of AttrValue that holds it. */
export type Attribute =
  | { readonly type: NodeType | 'int64' | 'resource' }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly shape: Shape }
  | { readonly ints: readonly number[] }
  | { readonly tensor: { readonly dtype: NodeType; readonly shape: Shape; readonly bytes: Uint8Array } };

/** What an operation's `write` is given: it adds TensorFlow nodes to a graph. */
export interface GraphWriter {
  /** The TensorFlow name of an array, `node` or `node:1`. */
  ref(value: Value): string;
  /** The inputs of a node, as names. */
  refs(node: Node): string[];
  /** The name of the handle of a variable. */
  handle(variable: Variable): string;
  /** An int32 constant, written once per content. */
  ints(values: readonly number[] | number): string;
  /** Adds the TensorFlow node that gives the outputs of `node`. */
  add(
    node: Node,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void;
  /** Adds a TensorFlow node in between; returns its name. */
  aux(
    node: Node,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): string;
}
