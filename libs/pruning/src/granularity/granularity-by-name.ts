import { suggestion } from '@espalier/base';
import type { Granularity } from '@espalier/plugin-api';
import { pruningError } from '../errors';
import { unit } from './unit';
import { weight } from './weight';

/** The granularities that come with Espalier; `neuron` and `filter` are what a unit is in a dense and a conv layer. */
export const GRANULARITIES: Readonly<Record<string, Granularity>> = {
  weight,
  unit,
  neuron: unit,
  filter: unit,
};

/** The granularity of that name, from ours and from `more` (a plugin's); throws PRUNING_UNKNOWN_NAME. */
export function granularityByName(
  name: string,
  more: Readonly<Record<string, Granularity>> = {},
): Granularity {
  const known = { ...GRANULARITIES, ...more };
  if (Object.hasOwn(known, name)) return known[name];
  const near = suggestion(name, Object.keys(known));
  throw pruningError('PRUNING_UNKNOWN_NAME', { kind: 'granularity', name, suggestion: near });
}
