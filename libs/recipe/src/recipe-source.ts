/** The text of a recipe and the `--set`s on top of it: the values, and where each of them stands. */
import type { EspalierError } from '@espalier/base';
import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument, type Document } from 'yaml';
import { recipeError } from './errors';

/** No recipe comes near; it keeps a wrong file from being read for minutes. */
const MAX_CHARACTERS = 1_000_000;
/** Anchors may be used, but not to blow a small text up. */
const MAX_ALIASES = 100;
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'];

export type Path = readonly (string | number)[];

export interface Place {
  /** `FILE:LINE:COLUMN`, or the whole `--set`. */
  readonly at: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface RecipeSource {
  /** Plain values: maps, lists, texts, numbers. */
  readonly data: unknown;
  readonly file: string;
  /** Where the value at `path` stands; the key where `onKey`; the nearest parent where there is none. */
  place(path: Path, onKey?: boolean): Place;
  readonly problems: readonly EspalierError[];
}

interface Layer {
  /** What this text gives the value of. */
  readonly path: Path;
  readonly document: Document;
  readonly placeOf: (offset: number) => Place;
}

export function readSource(text: string, file: string, sets: readonly string[]): RecipeSource {
  const problems: EspalierError[] = [];
  const base = parseText(
    text,
    (line, column) => ({ at: `${file}:${line}:${column}`, line, column }),
    problems,
  );
  const layers: Layer[] = [{ path: [], ...base }];
  let data = base.value;
  for (const set of sets) {
    const equals = set.indexOf('=');
    const path = set.slice(0, equals).split('.').map(segment);
    if (equals < 1 || path.some((key) => key === '')) {
      problems.push(recipeError('RECIPE_SET', { text: set, problem: 'there is no key before "="' }));
      continue;
    }
    const place = (line: number, column: number): Place => ({
      at: `--set ${set}`,
      line,
      column: line === 1 ? column + equals + 1 : column,
    });
    const parsed = parseText(set.slice(equals + 1), place, problems);
    const changed = assign(data, path, parsed.value);
    if (typeof changed === 'string') {
      problems.push(recipeError('RECIPE_SET', { text: set, problem: changed }));
      continue;
    }
    data = changed.data;
    layers.push({ path, ...parsed });
  }
  return {
    data,
    file,
    problems,
    place: (path, onKey = false) => {
      const inside = layers.findLast((layer) => begins(path, layer.path));
      // A map that a `--set` made on its way to a deeper key stands in no text: point to that `--set`.
      const madeBy = base.document.hasIn(path)
        ? undefined
        : layers.findLast((layer) => begins(layer.path, path));
      const { document, placeOf, path: start } = (inside?.path.length ? inside : madeBy) ?? layers[0];
      return placeOf(offsetOf(document, path.slice(start.length), onKey));
    },
  };
}

function parseText(
  text: string,
  place: (line: number, column: number) => Place,
  problems: EspalierError[],
): { value: unknown; document: Document; placeOf: (offset: number) => Place } {
  const lines = new LineCounter();
  const tooLong = text.length > MAX_CHARACTERS;
  const document = parseDocument(tooLong ? '' : text, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return place(Math.max(line, 1), Math.max(col, 1));
  };
  const broken = (offset: number, problem: string): void => {
    problems.push(recipeError('RECIPE_SYNTAX', { ...placeOf(offset), problem }));
  };
  if (tooLong) broken(0, `it has ${text.length} characters, and at most ${MAX_CHARACTERS} are read`);
  for (const error of [...document.errors, ...document.warnings]) {
    broken(error.pos[0], error.message.replace(/\.$/, ''));
  }
  let value: unknown = {};
  try {
    if (document.errors.length === 0) value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    broken(0, (cause as Error).message);
  }
  return { value, document, placeOf };
}

/** A copy of `data` with `value` at `path`; maps that lack on the way are made. A text says why it cannot be done. */
function assign(data: unknown, path: Path, value: unknown): { data: unknown } | string {
  if (path.length === 0) return { data: value };
  const [key, ...rest] = path;
  if (FORBIDDEN_KEYS.includes(String(key))) return `"${key}" cannot be a key`;
  if (Array.isArray(data)) {
    if (typeof key !== 'number' || key >= data.length)
      return `"${key}" is no place in a list of ${data.length}`;
    const inner = assign(data[key], rest, value);
    return typeof inner === 'string' ? inner : { data: data.with(key, inner.data) };
  }
  const map = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  const inner = assign(Object.hasOwn(map, key) ? map[key] : undefined, rest, value);
  return typeof inner === 'string' ? inner : { data: { ...map, [key]: inner.data } };
}

function begins(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((key, i) => String(path[i]) === String(key));
}

function segment(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** The character at which the node at `path`, or its key, begins. */
function offsetOf(document: Document, path: Path, onKey: boolean): number {
  for (let length = path.length; length >= 0; length--) {
    const parent = length === 0 ? undefined : nodeAt(document, path.slice(0, length - 1));
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
      );
      const node = pair === undefined ? undefined : onKey || pair.value === null ? pair.key : pair.value;
      if (isNode(node) && node.range) return node.range[0];
    }
    const node = nodeAt(document, path.slice(0, length));
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function nodeAt(document: Document, path: Path): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}
