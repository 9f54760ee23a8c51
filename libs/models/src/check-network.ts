/** From anything that a person or a peer wrote to a `NetworkSpec`: defaults filled in, names, order and shapes checked. */
import { suggestion } from '@espalier/base';
import { networkError } from './errors';
import {
  LAYER_FIELDS,
  LAYER_TYPES,
  NETWORK_LIMITS,
  describeField,
  inputCount,
  type FieldSpec,
} from './layer-fields';
import { INPUT, type LayerSpec, type LayerType, type NetworkSpec } from './network';
import { inferShapes } from './shapes';

type Fields = Readonly<Record<string, unknown>>;

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const NETWORK_FIELDS = ['version', 'name', 'input', 'layers'];
const LAYER_BASE_FIELDS = ['type', 'name', 'inputs'];

/**
 * The network that `value` describes, rebuilt with every default written out. `2` may be written for `[2, 2]`, `version` and
 * `inputs` may be left out. The last layer must give [classes]. Throws NETWORK_*.
 */
export function checkNetwork(value: unknown): NetworkSpec {
  const network = requireFields(value, 'the network');
  refuseUnknown(network, NETWORK_FIELDS, 'a network');
  if (network.version !== undefined && network.version !== 1) {
    throw form('"version"', '1', network.version);
  }
  const name = network.name ?? 'network';
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw form('"name"', '1 to 64 letters, digits, "_", "-" or "."', name);
  }
  const input = checkInputShape(network.input);
  const layers = network.layers;
  if (!Array.isArray(layers) || layers.length === 0 || layers.length > NETWORK_LIMITS.maxLayers) {
    throw form('"layers"', `a list of 1 to ${NETWORK_LIMITS.maxLayers} layers`, layers);
  }
  const checked: NetworkSpec = { version: 1, name, input, layers: checkLayers(layers) };
  const outputs = inferShapes(checked);
  const last = checked.layers[checked.layers.length - 1];
  const output = outputs.get(last.name) as readonly number[];
  if (output.length !== 1) {
    throw form('the output of the last layer', '[classes]; end with flatten and dense', output);
  }
  return checked;
}

function checkInputShape(value: unknown): readonly number[] {
  const good =
    Array.isArray(value) &&
    (value.length === 1 || value.length === 3) &&
    value.every((axis) =>
      isInteger(axis, 1, value.length === 1 ? NETWORK_LIMITS.maxUnits : NETWORK_LIMITS.maxAxis),
    );
  if (!good) throw form('"input"', '[features] or [height, width, channels]', value);
  return [...(value as number[])];
}

function checkLayers(values: readonly unknown[]): LayerSpec[] {
  const layers: LayerSpec[] = [];
  const known = new Set<string>([INPUT]);
  const counts = new Map<string, number>();
  values.forEach((value, index) => {
    const fields = requireFields(value, `layer ${index + 1}`);
    const type = checkType(fields, index);
    counts.set(type, (counts.get(type) ?? 0) + 1);
    const name = fields.name ?? `${type}${counts.get(type)}`;
    if (typeof name !== 'string' || !NAME.test(name) || name === INPUT) {
      throw networkError('NETWORK_LAYER_NAME', { index: index + 1, actual: show(name) });
    }
    if (known.has(name)) throw networkError('NETWORK_DUPLICATE_NAME', { layer: name });
    const before = index === 0 ? INPUT : layers[index - 1].name;
    const inputs = checkInputs(fields.inputs ?? [before], { name, type, known });
    layers.push({ type, name, inputs, ...checkFields(fields, name, type) } as LayerSpec);
    known.add(name);
  });
  refuseUnused(layers);
  return layers;
}

function checkType(fields: Fields, index: number): LayerType {
  const { type } = fields;
  if (typeof type === 'string' && Object.hasOwn(LAYER_FIELDS, type)) return type as LayerType;
  const layer = typeof fields.name === 'string' ? fields.name : String(index + 1);
  if (typeof type !== 'string')
    throw form(`"type" of layer "${layer}"`, `one of ${LAYER_TYPES.join(', ')}`, type);
  throw networkError('NETWORK_UNKNOWN_TYPE', {
    layer,
    actual: type,
    suggestion: suggestion(type, LAYER_TYPES),
  });
}

function checkInputs(
  value: unknown,
  layer: { readonly name: string; readonly type: LayerType; readonly known: ReadonlySet<string> },
): readonly string[] {
  const inputs = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(inputs)) throw form(`"inputs" of layer "${layer.name}"`, 'a list of layer names', value);
  const { min, max } = inputCount(layer.type);
  if (inputs.length < min || inputs.length > max) {
    throw networkError('NETWORK_INPUT_COUNT', {
      layer: layer.name,
      type: layer.type,
      expected: max === 1 ? 'exactly one input' : `${min} or more inputs`,
      actual: inputs.length,
    });
  }
  for (const input of inputs as unknown[]) {
    if (typeof input === 'string' && layer.known.has(input)) continue;
    throw networkError('NETWORK_UNKNOWN_INPUT', {
      layer: layer.name,
      actual: typeof input === 'string' ? input : show(input),
      suggestion: suggestion(String(input), layer.known),
    });
  }
  return [...(inputs as string[])];
}

function checkFields(fields: Fields, layer: string, type: LayerType): Record<string, unknown> {
  const table = LAYER_FIELDS[type];
  refuseUnknown(fields, [...LAYER_BASE_FIELDS, ...Object.keys(table)], `layer "${layer}" (${type})`);
  const result: Record<string, unknown> = {};
  for (const [field, spec] of Object.entries(table)) {
    const value = fields[field] === undefined ? defaultOf(spec, result) : fields[field];
    if (value === undefined) {
      throw networkError('NETWORK_MISSING_FIELD', { layer, type, field, expected: describeField(spec) });
    }
    const accepted = accept(spec, value);
    if (accepted === undefined) {
      const expected = describeField(spec);
      throw networkError('NETWORK_FIELD', { layer, type, field, expected, actual: show(value) });
    }
    result[field] = accepted;
  }
  return result;
}

/** `earlier`: the fields of this layer that are already filled in, for a default that copies one of them. */
function defaultOf(spec: FieldSpec, earlier: Readonly<Record<string, unknown>>): unknown {
  const value = spec.default;
  return typeof value === 'object' ? earlier[value.sameAs] : value;
}

/** The value as it stands in a normalised network, or undefined when the field does not accept it. */
function accept(spec: FieldSpec, value: unknown): unknown {
  switch (spec.kind) {
    case 'integer':
      return isInteger(value, spec.min, spec.max) ? value : undefined;
    case 'number':
      return isNumber(value) &&
        value >= (spec.min ?? -Infinity) &&
        value <= (spec.max ?? Infinity) &&
        value > (spec.above ?? -Infinity) &&
        value < (spec.below ?? Infinity)
        ? value
        : undefined;
    case 'pair': {
      const pair = typeof value === 'number' ? [value, value] : value;
      const good =
        Array.isArray(pair) && pair.length === 2 && pair.every((axis) => isInteger(axis, spec.min, spec.max));
      return good ? [...(pair as number[])] : undefined;
    }
    case 'choice':
      return typeof value === 'string' && spec.values.includes(value) ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
  }
}

function refuseUnused(layers: readonly LayerSpec[]): void {
  const read = new Set(layers.flatMap((layer) => layer.inputs));
  for (const layer of layers.slice(0, -1)) {
    if (!read.has(layer.name)) throw networkError('NETWORK_UNUSED_LAYER', { layer: layer.name });
  }
}

function requireFields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw form(where, 'a map of fields', value);
  }
  return value as Fields;
}

function refuseUnknown(fields: Fields, allowed: readonly string[], where: string): void {
  for (const field of Object.keys(fields)) {
    if (allowed.includes(field)) continue;
    throw networkError('NETWORK_UNKNOWN_FIELD', { where, field, suggestion: suggestion(field, allowed) });
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function form(where: string, expected: string, actual: unknown): Error {
  return networkError('NETWORK_FORM', { where, expected, actual: show(actual) });
}

/** What came, short enough for a sentence. */
function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text =
    typeof value === 'bigint' || typeof value === 'function' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
