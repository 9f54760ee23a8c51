/** What a recipe says about its rounds of structured pruning (`prune.units`). Rounds count from 1. */
import { isKernelLayer, type NetworkSpec } from '@espalier/models';
import { networkWithUnits } from '@espalier/pruning';
import { valueForLayer } from './layer-patterns';
import type { Recipe } from './recipe-schema';

type Units = Pick<Recipe, 'network' | 'prune'>;

/** How many rounds there are; 0 without `prune.units`. */
export function unitRoundsOf({ prune }: Units): number {
  return prune?.units?.keep.length ?? 0;
}

/** Units left after that round, by the name of each layer that it speaks of. */
export function unitsKeptOf({ network, prune }: Units, round: number): Map<string, number> {
  const values = prune?.units?.keep[round - 1] ?? {};
  return new Map(
    network.layers.filter(isKernelLayer).flatMap((layer) => {
      const kept = valueForLayer(values, layer);
      return kept === undefined ? [] : [[layer.name, kept] as const];
    }),
  );
}

/** The network as it is after that round; by default after the last one. */
export function networkAfterUnits(recipe: Units, round = unitRoundsOf(recipe)): NetworkSpec {
  let { network } = recipe;
  for (let each = 1; each <= round; each++) network = networkWithUnits(network, unitsKeptOf(recipe, each));
  return network;
}
