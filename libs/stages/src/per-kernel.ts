/** A recipe's "one value, or one by layer pattern" as a value for each kernel tensor that has one. */
import { parametersOf, requireLayer, type NetworkSpec } from '@espalier/models';
import type { NamedLayer } from '@espalier/recipe';

/** @param valueOf undefined for a layer that the recipe leaves alone */
export function perKernel<T>(
  network: NetworkSpec,
  valueOf: (layer: NamedLayer) => T | undefined,
): Record<string, T> {
  const values: Record<string, T> = {};
  for (const { name, layer, prunable } of parametersOf(network)) {
    const value = prunable ? valueOf(requireLayer(network, layer)) : undefined;
    if (value !== undefined) values[name] = value;
  }
  return values;
}
