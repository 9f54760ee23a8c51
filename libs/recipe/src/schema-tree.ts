/** The schema of recipes as JSON Schema: for editors, and to say in an error what may stand at a place. */
import { z } from 'zod';
import { recipeSchema } from './recipe-schema';
import type { Path } from './recipe-source';

/** The parts of JSON Schema that zod writes for recipes. */
export interface JsonSchema {
  readonly title?: string;
  readonly type?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | boolean;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly description?: string;
}

/** What stands in docs/recipe.schema.json: the schema of what a person writes. */
export function recipeJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(recipeSchema, { io: 'input' }) as unknown as JsonSchema;
  return { title: 'Espalier recipe', ...schema };
}

/** The alternatives that the schema allows at `path`, given the values beside it (`kind: cosine` rules out the others). */
export function alternativesAt(schema: JsonSchema, data: unknown, path: Path): JsonSchema[] {
  let nodes = expand(schema, data);
  let value = data;
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    nodes = nodes.flatMap((node) => childOf(node, key)).flatMap((node) => expand(node, value));
  }
  return nodes;
}

/** The keys that a map may have at `path`; empty where keys are free. */
export function keysAt(schema: JsonSchema, data: unknown, path: Path): string[] {
  const nodes = alternativesAt(schema, data, path);
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** `a whole number >= 1`, `"sgd" or "adam"`: what may stand at `path`, in words. */
export function describeAt(schema: JsonSchema, data: unknown, path: Path): string {
  const nodes = alternativesAt(schema, data, path);
  const texts = nodes.filter(({ type }) => type !== 'object').map(describe);
  const maps = nodes.filter(({ type }) => type === 'object');
  const keys = new Set(maps.flatMap(({ properties }) => Object.keys(properties ?? {})));
  if (maps.some(({ additionalProperties }) => typeof additionalProperties === 'object'))
    texts.push('a map by layer');
  if (keys.size > 0) texts.push(`a map with ${[...keys].join(', ')}`);
  return [...new Set(texts)].join(', or ') || 'a map';
}

function expand(node: JsonSchema, data: unknown): JsonSchema[] {
  const branches = node.anyOf ?? node.oneOf;
  if (!branches) return [node];
  const fitting = branches.filter((branch) => kindFits(branch, data));
  return (fitting.length > 0 ? fitting : branches).flatMap((branch) => expand(branch, data));
}

/** Do the constants of the branch (kind, format, type) agree with the data, as far as they are given? */
function kindFits(branch: JsonSchema, data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return true;
  return Object.entries(branch.properties ?? {}).every(
    ([key, { const: constant }]) =>
      constant === undefined ||
      !Object.hasOwn(data, key) ||
      (data as Record<string, unknown>)[key] === constant,
  );
}

function childOf(node: JsonSchema, key: string | number): JsonSchema[] {
  if (typeof key === 'number') {
    const item = node.prefixItems?.[key] ?? node.items;
    return typeof item === 'object' ? [item] : [];
  }
  const child = node.properties?.[key] ?? node.additionalProperties;
  return typeof child === 'object' ? [child] : [];
}

function describe(node: JsonSchema): string {
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(' or ');
  switch (node.type) {
    case 'integer':
      return ['a whole number', ...limits(node)].join(' ');
    case 'number':
      return ['a number', ...limits(node)].join(' ');
    case 'string':
      return node.pattern === undefined ? 'a text' : `a text like ${node.pattern}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    default:
      return 'any value';
  }
}

function limits(node: JsonSchema): string[] {
  const parts: string[] = [];
  if (node.minimum !== undefined && node.minimum > Number.MIN_SAFE_INTEGER) parts.push(`>= ${node.minimum}`);
  if (node.exclusiveMinimum !== undefined) parts.push(`> ${node.exclusiveMinimum}`);
  if (node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER) parts.push(`<= ${node.maximum}`);
  if (node.exclusiveMaximum !== undefined) parts.push(`< ${node.exclusiveMaximum}`);
  return parts.length === 2 ? [parts[0], 'and', parts[1]] : parts;
}
