import { suggestion } from '@espalier/base';
import { bindGranularity, type Granularity, type LocalGranularity } from '@espalier/plugin-api';
import { builtInPlugin } from '../built-in-plugin';
import { pruningError } from '../errors';

/** The granularities that come with Espalier; `neuron` and `filter` are what a unit is in a dense and a conv layer. */
export const GRANULARITIES: Readonly<Record<string, LocalGranularity>> = Object.fromEntries(
  Object.keys(builtInPlugin.granularities ?? {}).map((name) => [name, bindGranularity(builtInPlugin, name)]),
);

/** Is each weight a group by itself, in the order of the weights? */
export function isByWeight(granularity: Granularity): boolean {
  return granularity === GRANULARITIES['weight'];
}

/** The granularity of that name, from ours; throws PRUNING_UNKNOWN_NAME. */
export function granularityByName(name: string): LocalGranularity {
  if (Object.hasOwn(GRANULARITIES, name)) return GRANULARITIES[name];
  const near = suggestion(name, Object.keys(GRANULARITIES));
  throw pruningError('PRUNING_UNKNOWN_NAME', { kind: 'granularity', name, suggestion: near });
}
