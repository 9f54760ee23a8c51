/** In what the recipes of runs differ, setting by setting. Pure. */
import type { JsonValue } from '@espalier/base';

export interface Difference {
  /** `prune.keep.global`. */
  readonly setting: string;
  /** Of each run, as text; undefined where its recipe has no such setting. */
  readonly values: readonly (string | undefined)[];
}

/** What follows from the rest of a recipe, or names things of this machine, says nothing about a run. */
const LEFT_OUT = ['resolved'];

export function recipeDifferences(recipes: readonly JsonValue[]): readonly Difference[] {
  const leaves = recipes.map((recipe) => new Map(leavesOf(recipe, '')));
  const settings = [...new Set(leaves.flatMap((each) => [...each.keys()]))].sort();
  return settings
    .filter((setting) => !LEFT_OUT.some((name) => setting === name || setting.startsWith(`${name}.`)))
    .map((setting) => ({ setting, values: leaves.map((each) => each.get(setting)) }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** Lists are one setting: their items mean nothing alone. */
function leavesOf(value: JsonValue | undefined, path: string): [string, string][] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, textOf(value)]];
  return Object.entries(value).flatMap(([name, item]) =>
    leavesOf(item, path === '' ? name : `${path}.${name}`),
  );
}

const MOST_LETTERS = 120;

function textOf(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}
