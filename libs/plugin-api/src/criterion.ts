/** A criterion scores each weight: the lowest scores are removed first. */
import type { Random } from '@espalier/base';
import type { Mask, Shape } from '@espalier/tensor';

/** What a criterion may ask for beside the weights; only what it declares is delivered. */
export type CriterionNeed = 'weights' | 'gradients' | 'previousMask' | 'secondMoment';

export interface ScoreInput<Options = unknown> {
  /** Tensor name, e.g. `fc1/kernel`. */
  readonly name: string;
  /** Shape of `weights`: dense [in, out], conv [kh, kw, in / groups, out]. */
  readonly shape: Shape;
  readonly weights: Float32Array;
  /** Mean gradient of the loss for each weight, accumulated over batches. */
  readonly gradients?: Float32Array;
  /** The mask before this pruning. */
  readonly previousMask?: Mask;
  /** Adam's second moment for each weight. */
  readonly secondMoment?: Float32Array;
  /** Seeded for this layer and round; the only randomness allowed. */
  readonly random: Random;
  readonly options: Options;
}

export interface Criterion<Options = unknown> {
  readonly name: string;
  readonly version: string;
  readonly needs: readonly CriterionNeed[];
  readonly defaults: Options;
  /** A finite score for each weight, row-major as `weights`. A pure function of its input. */
  score(input: ScoreInput<Options>): Float32Array;
}
