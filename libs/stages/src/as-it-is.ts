/** A file of a network as it is, e.g. at the end of a round: nothing of it is rounded, so its error is the network's. */
import type { ResolvedRecipe } from '@espalier/recipe';
import type { Digest } from '@espalier/tensor';
import { encodeStage } from './stage-configs';
import type { StageSpec } from './stage';

/** By our own coders, whatever codec the recipe names: it needs no plugin, to write or to read. */
export function encodeAsItIs(recipe: ResolvedRecipe, start: Digest): StageSpec {
  return encodeStage({ ...recipe, encode: { biasBits: 32, codebook: 'float32' } }, start);
}
