/** Can the units that a recipe takes out be taken out? Found here, not after training. */
import { unitChains } from '@espalier/models';
import type { Conflict } from './check-recipe';
import type { Recipe } from './recipe-schema';
import { unitRoundsOf, unitsKeptOf } from './unit-rounds';

export function checkUnits(recipe: Recipe, conflict: Conflict): void {
  const left = new Map(unitChains(recipe.network).map(({ layer, units }) => [layer.name, units]));
  const blocked = new Map(unitChains(recipe.network).map(({ layer, blockedBy }) => [layer.name, blockedBy]));
  for (let round = 1; round <= unitRoundsOf(recipe); round++) {
    for (const [layer, kept] of unitsKeptOf(recipe, round)) {
      const path = ['prune', 'units', 'keep', round - 1];
      const blockedBy = blocked.get(layer);
      const before = left.get(layer) as number;
      if (blockedBy) {
        const where = blockedBy.layer === layer ? '' : ` ("${blockedBy.layer}")`;
        conflict(path, `units of "${layer}" cannot be taken out: ${blockedBy.reason}${where}`);
      } else if (kept > before) {
        conflict(
          path,
          `round ${round} of "prune.units" keeps ${kept} units of "${layer}", which has ${before} by then`,
        );
      }
      left.set(layer, kept);
    }
  }
}
