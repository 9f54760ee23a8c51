/** `pruneUnits`: the best units of each layer stay, the others go with all of their connections, and the tensors get smaller. */
import { Random, type JsonValue } from '@espalier/base';
import type { NetworkSpec } from '@espalier/models';
import { takeUnits } from '@espalier/pruning';
import type { Mask, Snapshot } from '@espalier/tensor';
import type { PruneUnitsConfig } from '../config';
import { pluginsOf, type StageContext } from '../context';
import { keptCounts } from '../kept';
import { referenceIn } from '../plugins';
import { pruneSnapshot } from '../prune-snapshot';
import { prunersOf } from '../scoring';
import { sensitivitiesOf } from '../sensitivities';
import type { StageResult, StageSpec } from '../stage';
import { joinMasks, splitMasks } from './masks';
import { withoutSlots } from './retrain';

/** Metrics: `layers` with the weights left, `units` with those of each layer before and after. */
export async function runPruneUnits(
  spec: StageSpec,
  start: Snapshot,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as PruneUnitsConfig;
  const network = start.network as unknown as NetworkSpec;
  const keep = Object.fromEntries(
    Object.entries(config.keep).map(([layer, kept]) => [`${layer}/kernel`, kept / unitsOf(start, layer)]),
  );
  const pruners = await prunersOf(
    { granularity: 'unit' },
    referenceIn(config.criterion, config.criterionOptions),
    pluginsOf(context),
  );
  const { masks } = await pruneSnapshot(start, {
    ...pruners,
    minimumKept: 1,
    keep: { layers: keep },
    random: new Random(spec.seed).fork(`prune-units-${spec.round ?? 0}`),
    ...sensitivitiesOf(spec, config, { start: () => Promise.resolve(start), context }),
  });
  const keptUnits = new Map(
    Object.keys(config.keep).map((layer) => [layer, unitsIn(masks.get(`${layer}/kernel`) as Mask)]),
  );
  const small = takeUnits(network, keptUnits, splitMasks(withoutSlots(start)));
  const snapshot = {
    network: small.network as unknown as JsonValue,
    tensors: joinMasks(small),
    info: {},
  };
  const { id: digest } = await context.store.putSnapshot(snapshot);
  const layers = keptCounts(snapshot) as unknown as JsonValue;
  const units = Object.fromEntries(
    [...keptUnits].map(([layer, { length }]) => [layer, { before: unitsOf(start, layer), after: length }]),
  );
  context.emit({ type: 'layers', fields: { layers } });
  return { outputs: { snapshot: { kind: 'snapshot', digest } }, metrics: { layers, units } };
}

function unitsOf({ tensors }: Snapshot, layer: string): number {
  return tensors.get(`${layer}/kernel`)?.shape.at(-1) ?? 1;
}

/** The units of which anything is left. */
function unitsIn(mask: Mask): Uint32Array {
  const units = mask.shape.at(-1) ?? 1;
  const kept = new Uint8Array(units);
  for (let i = 0; i < mask.size; i++) if (mask.get(i)) kept[i % units] = 1;
  return Uint32Array.from(kept.keys()).filter((unit) => kept[unit] === 1);
}
