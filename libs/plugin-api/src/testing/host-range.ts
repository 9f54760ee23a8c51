/**
 * Is a version in a range, as npm understands ranges? The part of semver that plugins need: `^1.2.3`, `~1.2`, `1.x`, `>=1.0.0 <3`, `1 || 2`.
 * The host admits by semver itself; the kit must not depend on it.
 */
type Version = readonly [major: number, minor: number, patch: number];
type Test = (version: Version) => boolean;

const COMPARATOR = /^(\^|~|>=|<=|>|<|=)?\s*v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?$/;

/** Undefined when the range is not understood. */
export function isInRange(version: string, range: string): boolean | undefined {
  const parsed = version.split('.').map((part) => parseInt(part, 10)) as unknown as Version;
  const alternatives = range.split('||').map((alternative) => {
    const words = alternative.trim().replace(/(\^|~|>=|<=|>|<|=)\s+/g, '$1');
    return words === '' ? [] : words.split(/\s+/).map(comparator);
  });
  if (alternatives.some((tests) => tests.includes(undefined))) return undefined;
  return alternatives.some((tests) => tests.every((test) => test?.(parsed)));
}

function comparator(text: string): Test | undefined {
  const match = COMPARATOR.exec(text);
  if (!match) return undefined;
  const [, operator = '', ...parts] = match;
  const given = parts.map((part) => (part === undefined || /[xX*]/.test(part) ? undefined : Number(part)));
  const wild = given.indexOf(undefined);
  const known = given.slice(0, wild < 0 ? 3 : wild) as number[];
  if (known.length === 0) return () => true;
  const low = padded(known);
  // The first version above all that the known parts stand for.
  const above = bumped(known, known.length - 1);
  const tests: Readonly<Record<string, Test>> = {
    '': within(low, above),
    '=': within(low, above),
    '^': within(low, bumped(known, firstThatCounts(known))),
    '~': within(low, bumped(known, Math.min(1, known.length - 1))),
    '>=': (version) => compare(version, low) >= 0,
    '<': (version) => compare(version, low) < 0,
    '>': (version) => compare(version, above) >= 0,
    '<=': (version) => compare(version, above) < 0,
  };
  return tests[operator];
}

/** `^0.2.3` allows patches alone: the first part that is not 0 must stay. */
function firstThatCounts(known: readonly number[]): number {
  const at = known.findIndex((part) => part !== 0);
  return at < 0 ? known.length - 1 : at;
}

function bumped(known: readonly number[], at: number): Version {
  return padded(known.slice(0, at + 1).map((part, i) => (i === at ? part + 1 : part)));
}

function padded([major, minor = 0, patch = 0]: readonly number[]): Version {
  return [major, minor, patch];
}

function within(low: Version, high: Version): Test {
  return (version) => compare(version, low) >= 0 && compare(version, high) < 0;
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
