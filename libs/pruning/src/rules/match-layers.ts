/**
 * Per-layer rules: a map from patterns to values, e.g. `{ conv1: 0.66, 'conv*': 0.12, dense: 0.08 }`. The order in which
 * they are written does not count (a map's order does not survive every format); the most exact pattern wins:
 * 1. a layer's name; 2. a glob with some letters in it, the one with more of them first; 3. a layer type; 4. `*`.
 */
import { suggestion } from '@espalier/base';
import { LAYER_TYPES, isKernelLayer, type KernelLayer, type NetworkSpec } from '@espalier/models';
import picomatch from 'picomatch';
import { pruningError } from '../errors';

export interface LayerMatch<Value> {
  readonly pattern: string;
  readonly value: Value;
}

/** Which rule holds for which layer with a kernel, by layer name; a layer that no rule matches is absent. */
export function matchLayers<Value>(
  rules: Readonly<Record<string, Value>>,
  network: NetworkSpec,
): Map<string, LayerMatch<Value>> {
  const layers = network.layers.filter(isKernelLayer);
  const names = layers.map(({ name }) => name);
  const best = new Map<
    string,
    { readonly rank: number; readonly pattern: string; readonly ties: string[] }
  >();
  for (const pattern of Object.keys(rules).sort()) {
    const { rank, matches } = readPattern(pattern, names);
    const matched = layers.filter(matches);
    if (matched.length === 0) {
      const types = [...new Set(layers.map(({ type }) => type))];
      throw pruningError('PRUNING_RULE_UNMATCHED', {
        pattern,
        suggestion: suggestion(pattern, [...names, ...types]),
      });
    }
    for (const { name } of matched) {
      const before = best.get(name);
      if (before === undefined || rank > before.rank) best.set(name, { rank, pattern, ties: [] });
      else if (rank === before.rank) before.ties.push(pattern);
    }
  }
  return new Map(
    layers.flatMap(({ name }): [string, LayerMatch<Value>][] => {
      const winner = best.get(name);
      if (!winner) return [];
      const { pattern, ties } = winner;
      if (ties.length > 0) {
        throw pruningError('PRUNING_RULE_AMBIGUOUS', { first: pattern, second: ties[0], layer: name });
      }
      return [[name, { pattern, value: rules[pattern] }]];
    }),
  );
}

interface Pattern {
  /** The higher, the more exact. */
  readonly rank: number;
  readonly matches: (layer: KernelLayer) => boolean;
}

/** Names are at most 64 letters, so every glob ranks between a type and a name. */
const RANK = { everything: 0, type: 1, glob: 2, name: 1000 } as const;

function readPattern(pattern: string, names: readonly string[]): Pattern {
  if (names.includes(pattern)) return { rank: RANK.name, matches: ({ name }) => name === pattern };
  if ((LAYER_TYPES as readonly string[]).includes(pattern)) {
    return { rank: RANK.type, matches: ({ type }) => type === pattern };
  }
  const matchesName = picomatch(pattern, { nonegate: true, dot: true });
  const letters = pattern.replace(/[^A-Za-z0-9]/g, '').length;
  const rank = letters === 0 ? RANK.everything : Math.min(RANK.glob + letters, RANK.name - 1);
  return { rank, matches: ({ name }) => matchesName(name) };
}
