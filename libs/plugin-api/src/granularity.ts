/** A granularity says what is removed together. */
import type { Shape } from '@espalier/tensor';
import type { OptionsOf, OptionsSchema } from './options';

/** N:M: of the groups of each set exactly `keep` stay, or all of a smaller set; a recipe's amount says nothing then. */
export interface Pattern {
  /** The set of each group, [groups] values from 0. */
  readonly setOf: Uint32Array;
  readonly keep: number;
}

/** What an author writes. Everything depends on the shape and the options alone. */
export interface GranularityDefinition<S extends OptionsSchema = OptionsSchema> {
  readonly description?: string;
  readonly options?: S;
  /** How many groups a tensor of this shape has: dense [in, out], conv [kh, kw, in / groups, out]. */
  groupCount(shape: Shape, options: OptionsOf<S>): number;
  /** The group of each element, row-major: [size] values in [0, groupCount). */
  groupsOf(shape: Shape, options: OptionsOf<S>): Uint32Array;
  /** Which groups compete with each other, where that is not the whole layer. */
  pattern?(shape: Shape, options: OptionsOf<S>): Pattern;
}

/** A granularity as the host uses it, its options filled in. */
export interface Granularity {
  readonly name: string;
  readonly version: string;
  groupCount(shape: Shape): number | Promise<number>;
  groupsOf(shape: Shape): Uint32Array | Promise<Uint32Array>;
  pattern?(shape: Shape): Pattern | Promise<Pattern>;
}
