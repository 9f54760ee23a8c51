/**
 * Layer patterns: a name (`fc1`), a glob (`fc*`, `conv[12]`), or a layer type (`conv2d`). The order in which they are
 * written does not count (a map's order does not survive every format); the most exact one wins: a layer's name; a glob
 * with some letters in it, the one with more of them first; a layer type; `*`.
 */
import { LAYER_TYPES } from '@espalier/models';
import picomatch from 'picomatch';

/** What a pattern looks at. */
export interface NamedLayer {
  readonly name: string;
  readonly type: string;
}

/** The higher, the more exact. Names have at most 64 letters, so every glob ranks between a type and a name. */
const RANK = { everything: 0, type: 1, glob: 2, name: 1000 } as const;

/** How exactly the pattern speaks of this layer; undefined when it does not match. */
function patternRank(pattern: string, layer: NamedLayer): number | undefined {
  if (pattern === layer.name) return RANK.name;
  if ((LAYER_TYPES as readonly string[]).includes(pattern))
    return pattern === layer.type ? RANK.type : undefined;
  if (!picomatch.isMatch(layer.name, pattern, { nonegate: true, dot: true })) return undefined;
  const letters = pattern.replace(/[^A-Za-z0-9]/g, '').length;
  return letters === 0 ? RANK.everything : Math.min(RANK.glob + letters, RANK.name - 1);
}

export function matchesLayer(pattern: string, layer: NamedLayer): boolean {
  return patternRank(pattern, layer) !== undefined;
}

/** The patterns that speak most exactly of the layer: none, one, or several that contradict each other. */
export function nearestPatterns(patterns: readonly string[], layer: NamedLayer): string[] {
  const ranks = patterns.map((pattern) => patternRank(pattern, layer) ?? -1);
  const best = Math.max(-1, ...ranks);
  return best < 0 ? [] : patterns.filter((_, index) => ranks[index] === best);
}

/** The value for a layer, or undefined when no key matches it. */
export function valueForLayer<T>(values: Readonly<Record<string, T>>, layer: NamedLayer): T | undefined {
  const [nearest] = nearestPatterns(Object.keys(values), layer);
  return nearest === undefined ? undefined : values[nearest];
}

/** One value for all layers, or by layer: the value for this one. */
export function settingForLayer<T extends number | string | readonly unknown[]>(
  setting: T | Readonly<Record<string, T>>,
  layer: NamedLayer,
): T | undefined {
  return typeof setting === 'object' && !Array.isArray(setting)
    ? valueForLayer(setting as Readonly<Record<string, T>>, layer)
    : (setting as T);
}
