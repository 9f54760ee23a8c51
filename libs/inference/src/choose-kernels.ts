/** For each layer that has weights: which kernels could run it, and which one does so fastest here. */
import { INPUT, inferShapes, isKernelLayer, type KernelLayer, type NetworkSpec } from '@espalier/models';
import { sizeOf, type Shape } from '@espalier/tensor';
import { inferenceError } from './errors';
import { MAX_COLUMN_INPUTS } from './kernels/sparse-columns';
import { MAX_ROW_LEVELS, MAX_ROW_OUTPUTS } from './kernels/sparse-rows';
import type { ChosenKernels } from './lower/steps';
import { KERNEL_NAMES, type KernelName, type LayerPlan } from './plan';
import { buildProgram } from './program';
import { countKept, type Parameters } from './source';
import type { WasmPlatform } from './wasm/platform';
import { zeroShares } from './zero-shares';

/** A kernel for all layers, `measure`, or a kernel by layer (those not named are measured). */
export type KernelChoice = 'measure' | KernelName | Readonly<Record<string, KernelName>>;

const MEASURE = {
  /** Machine code gets better after some calls: those are not counted. */
  warmUpMs: 2,
  /**
   * The shortest of the calls in these rounds. The kernels of a layer take turns: better code is made meanwhile, by another
   * thread, and a machine that is busy for a moment is so for all of them.
   */
  rounds: 3,
  roundMs: 1,
  /** Beyond that many weights a part of the outputs is measured: it no longer fits into a cache either. */
  maxWeights: 2 ** 22,
  /**
   * Does the model's sparse form have more bytes than stay in a cache from one run to the next? Then each call that is timed finds
   * the cache filled with as much else: that decides between weights and their codes.
   */
  cachedBytes: 2 ** 22,
  otherBytes: 3 * 2 ** 24,
  /** Of a kept weight and its place, where it has a code and where it has none. */
  keptBytes: { shared: 3, own: 6 },
} as const;

export interface ChooseOptions {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
  readonly passes: readonly number[];
  readonly kernels: KernelChoice;
  /** Typical inputs [any, ...input]. */
  readonly sample?: Float32Array;
  now(): number;
}

export type Choice = ChosenKernels & Required<Pick<LayerPlan, 'weights' | 'kept' | 'chosen' | 'tried'>>;

/** By layer. Throws INFERENCE_KERNEL for a kernel that is not there. */
export async function chooseKernels(
  platform: WasmPlatform,
  options: ChooseOptions,
): Promise<ReadonlyMap<string, Choice>> {
  const { network, kernels } = options;
  const layers = network.layers.filter(isKernelLayer);
  if (typeof kernels === 'object') {
    const names = layers.map(({ name }) => name);
    const unknown = Object.keys(kernels).find((name) => !names.includes(name));
    if (unknown !== undefined) throw noKernel(unknown, kernels[unknown], []);
  }
  const evict = evictor(layers, options.parameters);
  const measured = kernels === 'measure' || typeof kernels === 'object';
  const zeroShare = measured ? await zeroShares(platform, options) : () => 0;
  const choices = new Map<string, Choice>();
  for (const layer of layers)
    choices.set(layer.name, await chooseFor(platform, layer, { ...options, zeroShare, evict }));
  return choices;
}

interface LayerOptions extends ChooseOptions {
  zeroShare(layer: string): number;
  readonly evict?: () => void;
}

async function chooseFor(platform: WasmPlatform, layer: KernelLayer, options: LayerOptions): Promise<Choice> {
  const { parameters, kernels, passes } = options;
  const kernel = parameters.values.get(`${layer.name}/kernel`) as Float32Array;
  const facts = { weights: kernel.length, kept: countKept(kernel) };
  const single = candidates(layer, options);
  const batch = single.filter((name) => name === 'sparse' || name === 'dense');
  const given =
    typeof kernels === 'object' ? kernels[layer.name] : kernels === 'measure' ? undefined : kernels;
  if (given !== undefined) {
    if (!KERNEL_NAMES.includes(given)) throw noKernel(layer.name, given, single);
    if (typeof kernels === 'object' && !single.includes(given)) throw noKernel(layer.name, given, single);
    return {
      ...facts,
      single: nearest(single, given),
      batch: nearest(batch, given),
      chosen: 'given',
      tried: {},
    };
  }
  const trial = trialOf(layer, options);
  const tried: Record<string, number> = {};
  const time = async (names: readonly KernelName[], samples: number): Promise<KernelName> => {
    if (names.length === 1) return names[0];
    const times = await timeKernels(platform, trial, { ...options, names, samples });
    names.forEach((name, i) => (tried[samples === 1 ? name : `${name} x ${samples}`] = times[i]));
    return names[times.indexOf(Math.min(...times))];
  };
  const bestSingle = await time(single, 1);
  const most = Math.max(...passes);
  const bestBatch = layer.type === 'dense' && most > 1 ? await time(batch, most) : batch[0];
  const chosen = Object.keys(tried).length > 0 ? 'measured' : 'only one';
  return { ...facts, single: bestSingle, batch: bestBatch, chosen, tried };
}

/** Codes need a small codebook; outputs and inputs of the sparse kernels for one sample have 16 bits. */
function candidates(layer: KernelLayer, { network, parameters }: ChooseOptions): readonly KernelName[] {
  if (layer.type === 'conv2d') return ['sparse', 'dense'];
  if (layer.units > MAX_ROW_OUTPUTS) return ['dense'];
  const [inputs] = inferShapes(network).get(layer.inputs[0]) as Shape;
  const codebook = parameters.shared.get(`${layer.name}/kernel`)?.codebook;
  return KERNEL_NAMES.filter((name) => {
    const columns = name === 'sparse-columns' || name === 'sparse-levels';
    if (columns && inputs > MAX_COLUMN_INPUTS) return false;
    const codes = name === 'sparse-codes' || name === 'sparse-levels';
    return !codes || (codebook !== undefined && codebook.length <= MAX_ROW_LEVELS);
  });
}

/** One word for all layers: where a layer has no codes, its sparse kernel. */
function nearest(names: readonly KernelName[], wanted: KernelName): KernelName {
  return names.includes(wanted) ? wanted : names[0];
}

interface Trial {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
  readonly input: Float32Array;
}

/** The layer as a network of its own; of a large dense layer only some of the outputs. */
function trialOf(layer: KernelLayer, { network, parameters, zeroShare }: LayerOptions): Trial {
  const shape = inferShapes(network).get(layer.inputs[0]) as Shape;
  const units =
    layer.type === 'dense'
      ? Math.max(1, Math.min(layer.units, Math.floor(MEASURE.maxWeights / shape[0])))
      : 0;
  const partial = layer.type === 'dense' && units < layer.units;
  const alone = { ...(partial ? { ...layer, units } : layer), inputs: [INPUT] };
  const zeros = zeroShare(layer.name);
  const input = Float32Array.from({ length: sizeOf(shape) }, (_, i) => (scattered(i) < zeros ? 0 : 0.5));
  return {
    network: { version: 1, name: layer.name, input: shape, layers: [alone] },
    parameters: partial ? firstOutputs(layer.name, { inputs: shape[0], units }, parameters) : parameters,
    input,
  };
}

/** From 0 to 1, without a pattern that a processor could foresee: the finaliser of MurmurHash3 (Appleby 2011). */
function scattered(i: number): number {
  let hash = Math.imul(i ^ (i >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function firstOutputs(
  name: string,
  { inputs, units }: { readonly inputs: number; readonly units: number },
  { values, shared }: Parameters,
): Parameters {
  const cut = <T extends Float32Array | Uint16Array>(all: T, into: T): T => {
    const outputs = all.length / inputs;
    for (let i = 0; i < inputs; i++) into.set(all.subarray(i * outputs, i * outputs + units), i * units);
    return into;
  };
  const kernel = values.get(`${name}/kernel`) as Float32Array;
  const bias = values.get(`${name}/bias`);
  const codes = shared.get(`${name}/kernel`);
  return {
    values: new Map([
      [`${name}/kernel`, cut(kernel, new Float32Array(inputs * units))],
      ...(bias ? [[`${name}/bias`, bias.slice(0, units)] as const] : []),
    ]),
    shared: new Map(
      codes
        ? [[`${name}/kernel`, { ...codes, codes: cut(codes.codes, new Uint16Array(inputs * units)) }]]
        : [],
    ),
  };
}

/** Fills the caches with as much as the model has; undefined where it stays in them. */
function evictor(layers: readonly KernelLayer[], { values, shared }: Parameters): (() => void) | undefined {
  let bytes = 0;
  for (const { name } of layers) {
    const kernel = `${name}/kernel`;
    const each = MEASURE.keptBytes[shared.has(kernel) ? 'shared' : 'own'];
    bytes += each * countKept(values.get(kernel) as Float32Array);
  }
  if (bytes <= MEASURE.cachedBytes) return undefined;
  const other = new Uint32Array(Math.min(bytes, MEASURE.otherBytes) >> 2);
  return () => {
    for (let i = 0; i < other.length; i += 16) other[i]++;
  };
}

interface Timing {
  readonly names: readonly KernelName[];
  readonly samples: number;
  now(): number;
  readonly evict?: () => void;
}

/** @returns microseconds a call, of each name */
async function timeKernels(
  platform: WasmPlatform,
  { network, parameters, input }: Trial,
  { names, samples, now, evict }: Timing,
): Promise<readonly number[]> {
  const passes = samples === 1 ? [1] : [1, samples];
  const calls: (() => void)[] = [];
  const prepare: (() => void)[] = [];
  for (const name of names) {
    // The pass of one sample is there but not called: it takes the sparse form, which is the smaller one.
    const kernels =
      samples === 1 ? { single: name, batch: name } : { single: 'sparse' as const, batch: name };
    const program = await buildProgram(platform, { network, parameters, passes, kernels: () => kernels });
    prepare.push(() => program.setInput(input, samples));
    calls.push(program.call(network.layers[0].name, samples));
  }
  calls.forEach((call, i) => {
    prepare[i]();
    const start = now();
    do call();
    while (now() - start < MEASURE.warmUpMs);
  });
  const shortest = calls.map(() => Infinity);
  for (let round = 0; round < MEASURE.rounds; round++) {
    calls.forEach((call, i) => {
      // What the layer before has written is in the cache.
      evict?.();
      prepare[i]();
      const ms = evict ? timeOnce(call, now) : warmTime(call, now);
      shortest[i] = Math.min(shortest[i], ms);
    });
  }
  return shortest.map((ms) => 1000 * ms);
}

/** Milliseconds: the shortest call of a round. */
function warmTime(call: () => void, now: () => number): number {
  const begin = now();
  call();
  // A clock may be coarse (browsers: 0.1 ms and more): several calls between two looks at it.
  const calls = Math.max(1, Math.min(64, Math.floor(0.2 / Math.max(1e-4, now() - begin))));
  let shortest = Infinity;
  do {
    const from = now();
    for (let k = 0; k < calls; k++) call();
    shortest = Math.min(shortest, (now() - from) / calls);
  } while (now() - begin < MEASURE.roundMs);
  return shortest;
}

function timeOnce(call: () => void, now: () => number): number {
  const from = now();
  call();
  return now() - from;
}

function noKernel(layer: string, kernel: string, present: readonly string[]): Error {
  return inferenceError('INFERENCE_KERNEL', { layer, kernel, present: present.join(', ') || 'no weights' });
}
