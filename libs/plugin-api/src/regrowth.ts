/** Regrowth says which removed weights return (Guo et al. 2016, dynamic network surgery; Evci et al. 2020, RigL). */
import type { Random } from '@espalier/base';
import type { Mask, Shape } from '@espalier/tensor';
import type { OptionsOf, OptionsSchema } from './options';

/** `latent`: the values that removed weights would have, trained on behind the mask. */
export const REGROWTH_NEEDS = ['weights', 'gradients', 'latent'] as const;
export type RegrowthNeed = (typeof REGROWTH_NEEDS)[number];

export interface RegrowInput<Options = unknown> {
  readonly name: string;
  readonly shape: Shape;
  readonly weights: Float32Array;
  /** What was kept before this pruning. */
  readonly previousMask: Mask;
  /** What the pruning of this step would keep. */
  readonly mask: Mask;
  /** Mean gradient of the loss, of removed weights too. */
  readonly gradients?: Float32Array;
  readonly latent?: Float32Array;
  readonly random: Random;
  readonly options: Options;
}

/** What an author writes. */
export interface RegrowthDefinition<S extends OptionsSchema = OptionsSchema> {
  readonly description?: string;
  readonly needs: readonly RegrowthNeed[];
  readonly options?: S;
  /** The mask with what returns: a superset of `mask`. A pure function of its input. */
  regrow(input: RegrowInput<OptionsOf<S>>): Mask | Promise<Mask>;
}
