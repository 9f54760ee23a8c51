/**
 * A network description in few bytes: each layer as its type, what differs from the convention, and its sizes, through the
 * arithmetic coder, whose models were shown one small example first. A description that the table here does not cover (a layer
 * type or field of a later Espalier) is stored as its canonical JSON instead. The tables belong to format version 1: never
 * change them, later versions bring their own.
 */
import { canonicalJson, type JsonValue } from '@espalier/base';
import { INPUT, checkNetwork, type LayerSpec, type NetworkSpec } from '@espalier/models';
import { AdaptiveBits, AdaptiveNumber, codeRaw } from '../arithmetic/adaptive-bits';
import type { BinaryCoder } from '../arithmetic/range-coder';
import { TextModel } from '../arithmetic/text-code';
import { encodingError } from '../errors';
import { EXAMPLE, FAMILIAR_NAMES, LAYER_CODES, conventionalName, type FieldCode } from './network-tables';

const MAX_LAYERS = 4096;
/** Canonical JSON of the 4,096 layers that a network may have stays below this. */
const MAX_JSON_BYTES = 2 ** 20;

type Fields = Readonly<Record<string, unknown>>;

/** Codes a network; `given` when encoding. Returns the network, checked. Throws NETWORK_* and ENCODING_STREAM. */
export function codeNetwork(coder: BinaryCoder, given?: NetworkSpec): NetworkSpec {
  const compact = coder.code(given === undefined || isCovered(given) ? 1 : 0, 60000);
  if (!compact) return checkNetwork(codeJson(coder, given));
  const model = new NetworkModel();
  for (const name of FAMILIAR_NAMES) model.names.code(REHEARSAL, name);
  model.code(REHEARSAL, EXAMPLE);
  return checkNetwork(model.code(coder, given));
}

/** Swallows what is coded: the models learn, and no bits are spent. */
const REHEARSAL: BinaryCoder = { decoding: false, code: (bit) => bit };

class NetworkModel {
  readonly names = new TextModel();
  private readonly flags = new AdaptiveBits(8);
  private readonly counts = new AdaptiveNumber();
  private readonly types = Array.from({ length: LAYER_CODES.length + 1 }, () => new AdaptiveNumber());
  private readonly sizes = new AdaptiveNumber();
  private readonly inputs = new AdaptiveNumber();
  private readonly fields = new Map<string, FieldModel>();

  code(coder: BinaryCoder, given?: NetworkSpec): NetworkSpec {
    const name = this.names.code(coder, given?.name);
    const rank = this.flags.code(coder, 0, given && given.input.length === 3 ? 1 : 0) ? 3 : 1;
    const input = Array.from({ length: rank }, (_, axis) =>
      this.sizes.code(coder, given ? given.input[axis] : 0),
    );
    const layerCount = this.counts.code(coder, given ? given.layers.length : 0);
    if (layerCount > MAX_LAYERS) throw broken(`${layerCount} layers`);
    const layers: LayerSpec[] = [];
    const seen = new Map<string, number>();
    for (let i = 0; i < layerCount; i++)
      layers.push(this.codeLayer(coder, { layers, seen, given: given?.layers[i] }));
    return { version: 1, name, input, layers };
  }

  private codeLayer(
    coder: BinaryCoder,
    context: {
      readonly layers: readonly LayerSpec[];
      readonly seen: Map<string, number>;
      readonly given: LayerSpec | undefined;
    },
  ): LayerSpec {
    const { layers, seen, given } = context;
    const before = layers.length === 0 ? undefined : layers[layers.length - 1];
    const after = LAYER_CODES.findIndex(({ type }) => type === before?.type) + 1;
    const code = this.types[after].code(
      coder,
      given ? LAYER_CODES.findIndex(({ type }) => type === given.type) : 0,
    );
    const layer = LAYER_CODES[code];
    if (layer === undefined) throw broken(`layer type ${code}`);
    const number = (seen.get(layer.type) ?? 0) + 1;
    seen.set(layer.type, number);
    const usual = conventionalName(layer, number);
    const isUsual = this.flags.code(coder, 1, given?.name === usual ? 1 : 0);
    const name = isUsual ? usual : this.names.code(coder, given?.name);
    const inputs = this.codeInputs(coder, [INPUT, ...layers.map((other) => other.name)], given?.inputs);
    const fields: Record<string, unknown> = {};
    for (const field of layer.fields) {
      fields[field.name] = this.codeField(coder, `${layer.type}.${field.name}`, {
        field,
        value: (given as Fields | undefined)?.[field.name],
      });
    }
    return { type: layer.type, name, inputs, ...fields } as unknown as LayerSpec;
  }

  private codeInputs(
    coder: BinaryCoder,
    names: readonly string[],
    given?: readonly string[],
  ): readonly string[] {
    const chained = given === undefined || (given.length === 1 && given[0] === names[names.length - 1]);
    if (this.flags.code(coder, 2, chained ? 1 : 0)) return [names[names.length - 1]];
    const count = this.counts.code(coder, given ? given.length : 0);
    if (count > MAX_LAYERS) throw broken(`${count} inputs`);
    return Array.from({ length: count }, (_, i) => {
      const back = this.inputs.code(coder, given ? names.length - 1 - names.indexOf(given[i]) : 0);
      const name = names[names.length - 1 - back];
      if (name === undefined) throw broken(`an input ${back} layers back`);
      return name;
    });
  }

  private codeField(
    coder: BinaryCoder,
    key: string,
    { field, value }: { readonly field: FieldCode; readonly value: unknown },
  ): unknown {
    let model = this.fields.get(key);
    if (!model) this.fields.set(key, (model = new FieldModel()));
    switch (field.kind) {
      case 'whole':
        return model.numbers.code(coder, (value as number | undefined) ?? 0);
      case 'flag':
        return model.flags.code(coder, 0, value ? 1 : 0) === 1;
      case 'padding':
        return model.flags.code(coder, 0, value === 'same' ? 1 : 0) ? 'same' : 'valid';
      case 'pair': {
        const [height, width] = (value as readonly [number, number] | undefined) ?? [0, 0];
        const first = model.numbers.code(coder, height);
        const square = model.flags.code(coder, 0, width === height ? 1 : 0);
        return [first, square ? first : model.numbers.code(coder, width)];
      }
      case 'real':
        return codeDecimal(coder, model, (value as number | undefined) ?? 0);
    }
  }
}

class FieldModel {
  readonly numbers = new AdaptiveNumber();
  readonly flags = new AdaptiveBits(2);
}

/** A number >= 0 as written by people, digits x 10^-places, or else its float64 bits. */
function codeDecimal(coder: BinaryCoder, model: FieldModel, value: number): number {
  const match = /^(\d+)(?:\.(\d+))?(?:e(-?\d+))?$/.exec(String(value));
  const [, whole = '0', fraction = '', power = '0'] = match ?? [];
  const digits = Number(whole + fraction);
  const places = fraction.length - Number(power);
  const short = match !== null && digits < 2 ** 24 && places >= 0 && places < 64;
  if (model.flags.code(coder, 1, short ? 1 : 0)) {
    const codedDigits = model.numbers.code(coder, digits);
    return Number(`${codedDigits}e-${codeRaw(coder, places, 6)}`);
  }
  const words = new Uint32Array(Float64Array.of(value).buffer);
  const coded = Uint32Array.from(words, (word) => codeRaw(coder, word, 32));
  return new Float64Array(coded.buffer)[0];
}

function codeJson(coder: BinaryCoder, given?: NetworkSpec): unknown {
  const text = given ? canonicalJson(given as unknown as JsonValue) : '';
  const bytes = new TextEncoder().encode(text);
  const length = codeRaw(coder, bytes.length, 21);
  if (length > MAX_JSON_BYTES) throw broken(`${length} bytes of JSON`);
  const coded = Uint8Array.from({ length }, (_, i) => codeRaw(coder, bytes[i] ?? 0, 8));
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(coded));
  } catch (cause) {
    throw encodingError(
      'ENCODING_STREAM',
      { what: 'a network', problem: 'its JSON cannot be read' },
      { cause },
    );
  }
}

/** Does the compact form give back exactly this description? */
function isCovered(network: NetworkSpec): boolean {
  const covered = network.layers.every((layer) => {
    const code = LAYER_CODES.find(({ type }) => type === layer.type);
    const known = ['type', 'name', 'inputs', ...(code?.fields.map(({ name }) => name) ?? [])];
    return code !== undefined && Object.keys(layer).every((key) => known.includes(key));
  });
  return covered && Object.keys(network).every((key) => ['version', 'name', 'input', 'layers'].includes(key));
}

function broken(problem: string): Error {
  return encodingError('ENCODING_STREAM', { what: 'a network', problem });
}
