/**
 * Layer patterns: a name (`fc1`), a glob (`fc*`, `conv?_1`), or a type (`conv2d`). Where several match one layer, the nearest
 * counts: the name, then the longest glob, then the type; `*` alone comes last.
 */

/** What a pattern looks at. */
export interface NamedLayer {
  readonly name: string;
  readonly type: string;
}

export function matchesLayer(pattern: string, layer: NamedLayer): boolean {
  return (
    pattern === layer.name || pattern === layer.type || (isGlob(pattern) && globMatches(pattern, layer.name))
  );
}

/** The value for a layer, or undefined when no key matches it. */
export function valueForLayer<T>(values: Readonly<Record<string, T>>, layer: NamedLayer): T | undefined {
  const matching = Object.keys(values).filter((pattern) => matchesLayer(pattern, layer));
  const nearest = matching.sort((a, b) => nearness(b, layer) - nearness(a, layer))[0];
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

function nearness(pattern: string, layer: NamedLayer): number {
  if (pattern === layer.name) return 1000;
  if (pattern === layer.type) return 1;
  const literal = pattern.replace(/[*?]/g, '').length;
  return literal === 0 ? 0 : 1 + literal;
}

function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

function globMatches(pattern: string, name: string): boolean {
  // Two marks and no backtracking into earlier stars: linear in practice, whatever the pattern.
  let p = 0;
  let star = -1;
  let restart = 0;
  for (let n = 0; n < name.length;) {
    if (pattern[p] === '*') {
      star = p++;
      restart = n;
    } else if (pattern[p] === '?' || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++restart;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
