/** A criterion scores each weight: the lowest scores are removed first. */
import type { Random } from '@espalier/base';
import type { Mask, Shape } from '@espalier/tensor';
import type { OptionsOf, OptionsSchema } from './options';

/** What a criterion may ask for; only what it declares is delivered. Weights always are. */
export const CRITERION_NEEDS = [
  'weights',
  'gradients',
  'unitTaylor',
  'previousMask',
  'firstMoment',
  'secondMoment',
  'inputNorms',
] as const;
export type CriterionNeed = (typeof CRITERION_NEEDS)[number];

export interface ScoreInput<Options = unknown> {
  /** Tensor name, e.g. `fc1/kernel`. */
  readonly name: string;
  /** Shape of `weights`: dense [in, out], conv [kh, kw, in / groups, out]. */
  readonly shape: Shape;
  readonly weights: Float32Array;
  /** Mean gradient of the loss for each weight, accumulated over batches. */
  readonly gradients?: Float32Array;
  /** [units], the last axis of `shape`: the sum over batches of (sum of w * g over the unit's weights and its bias)^2. */
  readonly unitTaylor?: Float32Array;
  /** The mask before this pruning. */
  readonly previousMask?: Mask;
  /** Adam's first moment for each weight, or the momentum of SGD. */
  readonly firstMoment?: Float32Array;
  /** Adam's second moment for each weight. */
  readonly secondMoment?: Float32Array;
  /** Root mean square of each input over batches: dense [in], conv [in] (over positions too). */
  readonly inputNorms?: Float32Array;
  /** Seeded for this layer and round; the only randomness allowed. */
  readonly random: Random;
  readonly options: Options;
}

/** What an author writes; the name is the key under which it stands in `definePlugin`. */
export interface CriterionDefinition<S extends OptionsSchema = OptionsSchema> {
  readonly description?: string;
  readonly needs: readonly CriterionNeed[];
  readonly options?: S;
  /** A finite score for each weight, row-major as `weights`. A pure function of its input, which it must not change. */
  score(input: ScoreInput<OptionsOf<S>>): Float32Array | Promise<Float32Array>;
}

/** A criterion as the host uses it. */
export interface Criterion<Options = unknown> {
  readonly name: string;
  readonly version: string;
  readonly needs: readonly CriterionNeed[];
  /** What `options` are where nothing else is given. */
  readonly defaults: Options;
  score(input: ScoreInput<Options>): Float32Array | Promise<Float32Array>;
}
