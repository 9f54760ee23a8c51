/**
 * A network in which a large dense layer is several, each with some of the outputs, that are joined behind: what a team shares.
 * Each output is summed as before, so the logits have the same bits.
 */
import type { DenseLayer, LayerSpec, NetworkSpec } from '@espalier/models';
import { fusedRelus } from '../program';
import type { Parameters } from '../source';

/** Parts begin at whole vectors. */
const UNITS_TOGETHER = 4;

export interface SplitNetwork {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
  /** By layer that was split, the names of its parts. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

interface Part {
  readonly name: string;
  /** Outputs `from` to `to`. */
  readonly from: number;
  readonly to: number;
}

/** @param layers dense ones; as many parts each, as equal in kept weights as whole vectors allow */
export function splitNetwork(
  network: NetworkSpec,
  parameters: Parameters,
  { layers, parts: count }: { readonly layers: readonly string[]; readonly parts: number },
): SplitNetwork {
  const relus = fusedRelus(network);
  const values = new Map(parameters.values);
  const shared = new Map(parameters.shared);
  const parts = new Map<string, readonly string[]>();
  const joined = new Set<string>();
  const rest: LayerSpec[] = [];
  for (const layer of network.layers) {
    if (layer.type !== 'dense' || !layers.includes(layer.name)) {
      if (!joined.has(layer.name)) rest.push(layer);
      continue;
    }
    const own = partsOf(layer, values.get(`${layer.name}/kernel`) as Float32Array, count);
    sliceParameters(layer, own, { values, shared });
    // A ReLU that is done with the layer is done with each part, and what joins them takes its place.
    const relu = relus.get(layer.name);
    if (relu !== undefined) joined.add(relu);
    for (const { name, from, to } of own) {
      rest.push({ ...layer, name, units: to - from });
      if (relu !== undefined) rest.push({ type: 'relu', name: reluOf(name), inputs: [name] });
    }
    const inputs = own.map(({ name }) => (relu === undefined ? name : reluOf(name)));
    rest.push({ type: 'concat', name: relu ?? layer.name, inputs });
    parts.set(
      layer.name,
      own.map(({ name }) => name),
    );
  }
  return { network: { ...network, layers: rest }, parameters: { values, shared }, parts };
}

/** The layer that a part belongs to; other layers are their own. */
export function wholeOf(name: string): string {
  return name.replace(/#\d+$/, '');
}

function reluOf(part: string): string {
  return `${part} relu`;
}

function partsOf({ name, units }: DenseLayer, kernel: Float32Array, count: number): readonly Part[] {
  const vectors = Math.ceil(units / UNITS_TOGETHER);
  const kept = new Float64Array(vectors);
  for (let i = 0; i < kernel.length; i += units) {
    for (let unit = 0; unit < units; unit++) if (kernel[i + unit] !== 0) kept[unit >> 2]++;
  }
  const total = kept.reduce((sum, some) => sum + some, 0);
  const parts: Part[] = [];
  for (let vector = 0, from = 0, sum = 0; vector < vectors; vector++) {
    sum += kept[vector];
    const full = sum * count >= total * (parts.length + 1) && parts.length < count - 1;
    if (!full && vector + 1 < vectors) continue;
    const to = Math.min(units, UNITS_TOGETHER * (vector + 1));
    parts.push({ name: `${name}#${parts.length}`, from, to });
    from = to;
  }
  return parts;
}

function sliceParameters(
  { name, units }: DenseLayer,
  parts: readonly Part[],
  {
    values,
    shared,
  }: {
    readonly values: Map<string, Float32Array>;
    readonly shared: Map<string, NonNullable<ReturnType<Parameters['shared']['get']>>>;
  },
): void {
  const kernel = values.get(`${name}/kernel`) as Float32Array;
  const bias = values.get(`${name}/bias`);
  const codes = shared.get(`${name}/kernel`);
  for (const part of parts) {
    const size = (kernel.length / units) * (part.to - part.from);
    values.set(`${part.name}/kernel`, columns(kernel, new Float32Array(size), { units, ...part }));
    if (bias) values.set(`${part.name}/bias`, bias.slice(part.from, part.to));
    if (codes) {
      const own = columns(codes.codes, new Uint16Array(size), { units, ...part });
      shared.set(`${part.name}/kernel`, { ...codes, codes: own });
    }
  }
}

/** Of a matrix [in, units] some columns, in `into` [in, to - from]. */
function columns<T extends Float32Array | Uint16Array>(
  all: T,
  into: T,
  { units, from, to }: { readonly units: number; readonly from: number; readonly to: number },
): T {
  for (let row = 0, at = 0; row < all.length; row += units, at += to - from) {
    into.set(all.subarray(row + from, row + to), at);
  }
  return into;
}
