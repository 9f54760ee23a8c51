/** How to call one function of a SavedModel through the binding. */
import type { Shape } from '@espalier/tensor';
import type { NodeType } from '../ops/node';

export interface FeedPlan {
  readonly name: string;
  readonly dtype: NodeType;
  readonly shape: Shape;
}

export interface CallPlan {
  readonly feeds: readonly FeedPlan[];
  /** `name:0` of each feed's placeholder, joined by commas, as the binding wants it. */
  readonly feedNames: string;
  readonly fetches: readonly string[];
  readonly fetchNames: string;
}

/** From feeds and fetches by our names, each with its node in the graph, `ref`. */
export function callPlan(
  feeds: readonly (FeedPlan & { readonly ref: string })[],
  fetches: readonly { readonly name: string; readonly ref: string }[],
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
