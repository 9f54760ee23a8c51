/** A network as WebAssembly: memory laid out, code made for exactly these sizes and addresses, and the steps in order. */
import { assertNever } from '@espalier/base';
import { consumersOf, inferShapes, INPUT, type LayerSpec, type NetworkSpec } from '@espalier/models';
import type { Shape } from '@espalier/tensor';
import { lowerConvolution } from './lower/convolution';
import { lowerDense } from './lower/dense';
import {
  lowerBatchNorm,
  lowerConcat,
  lowerFlatten,
  lowerGlobalAverage,
  lowerLocalResponseNorm,
  lowerPointwise,
} from './lower/plain-layers';
import { lowerPool } from './lower/pool';
import type { ChosenKernels, Step, Target } from './lower/steps';
import { reserveImage, reserveVector, type ImageValue, type Value, type VectorValue } from './lower/values';
import type { Parameters } from './source';
import { Arena } from './wasm/arena';
import { ModuleBuilder } from './wasm/module-builder';
import type { WasmPlatform } from './wasm/platform';

export interface ProgramSpec {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
  /** How many samples are taken at once: 1, and multiples of 4 that are powers of 2. */
  readonly passes: readonly number[];
  kernels(layer: string): ChosenKernels;
}

export interface Program {
  readonly bytes: number;
  /** input [batch, ...] -> logits [batch, classes] */
  run(input: Float32Array, batch: number): Float32Array;
  /** The kernel of one layer alone, on whatever its input holds: to be measured. */
  call(layer: string, samples: number): () => void;
  /** Share of zeros among the inputs of a layer, after a run of one sample. */
  zeroShare(layer: string): number;
  /** What the input of the network is, for one pass of that many samples: to be filled before measuring. */
  setInput(input: Float32Array, samples: number): void;
}

/** Layers with which a ReLU that follows is done. */
const FUSES_RELU: ReadonlySet<LayerSpec['type']> = new Set([
  'dense',
  'conv2d',
  'maxPool',
  'averagePool',
  'batchNorm',
]);

/** The ReLU that is done with each layer: one that is its only reader. */
export function fusedRelus(network: NetworkSpec): ReadonlyMap<string, string> {
  const consumers = consumersOf(network);
  const fused = new Map<string, string>();
  for (const { name, type } of network.layers) {
    const readers = consumers.get(name) ?? [];
    if (FUSES_RELU.has(type) && readers.length === 1 && readers[0].type === 'relu')
      fused.set(name, readers[0].name);
  }
  return fused;
}

export async function buildProgram(platform: WasmPlatform, spec: ProgramSpec): Promise<Program> {
  const { network, parameters, passes } = spec;
  const arena = new Arena();
  const module = new ModuleBuilder();
  const shapes = inferShapes(network);
  const target: Target = {
    arena,
    module,
    steps: [],
    passes,
    parameter: (name) => parameters.values.get(name) as Float32Array,
    codes: (name) => parameters.shared.get(name),
    kernels: (layer) => spec.kernels(layer),
    shape: (layer) => shapes.get(layer) as Shape,
  };
  const input = reserveInput(network.input, target);
  const inputs = new Map<string, Value>();
  const output = lowerNetwork(network, input, target, inputs);

  const pages = arena.pages();
  const { exports, memory } = await platform.instantiate(module.bytes(pages, platform.shared), pages);
  const { buffer } = memory;
  arena.fill(buffer);
  const floats = new Float32Array(buffer);
  const exported = (name: string): (() => void) => exports[name] as () => void;
  const { steps } = target;
  return assemble({ floats, exported, input, inputs, output, steps, passes, bytes: buffer.byteLength });
}

function reserveInput(shape: Shape, { arena, passes }: Target): Value {
  if (shape.length === 1) return reserveVector(arena, shape[0], passes);
  const [height, width, channels] = shape;
  return reserveImage(arena, { channels, height, width });
}

/** @param firstInputs filled: the first input of each layer */
function lowerNetwork(
  network: NetworkSpec,
  input: Value,
  target: Target,
  firstInputs: Map<string, Value>,
): VectorValue {
  const fused = fusedRelus(network);
  const done = new Set(fused.values());
  const values = new Map<string, Value>([[INPUT, input]]);
  let last = input;
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => values.get(name) as Value);
    firstInputs.set(layer.name, inputs[0]);
    last = done.has(layer.name) ? inputs[0] : lowerLayer(layer, inputs, fused.has(layer.name), target);
    values.set(layer.name, last);
  }
  return last.kind === 'vector' ? last : lowerFlatten('output', last, target);
}

function lowerLayer(layer: LayerSpec, inputs: readonly Value[], relu: boolean, target: Target): Value {
  const [first] = inputs;
  switch (layer.type) {
    case 'dense':
      return lowerDense({ layer, relu }, first as VectorValue, target);
    case 'conv2d':
      return lowerConvolution({ layer, relu }, first as ImageValue, target);
    case 'maxPool':
    case 'averagePool':
      return lowerPool({ layer, relu }, first as ImageValue, target);
    case 'globalAveragePool':
      return lowerGlobalAverage(layer.name, first as ImageValue, target);
    case 'flatten':
      return first.kind === 'vector' ? first : lowerFlatten(layer.name, first, target);
    case 'relu':
      return lowerPointwise(layer.name, inputs, target, ([x]) => (x > 0 ? x : 0));
    case 'dropout':
      return first;
    case 'batchNorm':
      return lowerBatchNorm({ layer, relu }, first, target);
    case 'localResponseNorm':
      return lowerLocalResponseNorm(layer, first as ImageValue, target);
    case 'add':
      return lowerPointwise(layer.name, inputs, target, (xs) => {
        let sum = 0;
        for (let i = 0; i < xs.length; i++) sum += xs[i];
        return sum;
      });
    case 'concat':
      return lowerConcat(layer.name, inputs, target);
    default:
      return assertNever(layer);
  }
}

interface Assembly {
  readonly floats: Float32Array;
  exported(name: string): () => void;
  readonly input: Value;
  /** By layer, its first one. */
  readonly inputs: ReadonlyMap<string, Value>;
  readonly output: VectorValue;
  readonly steps: readonly Step[];
  readonly passes: readonly number[];
  readonly bytes: number;
}

function assemble({ floats, exported, input, inputs, output, steps, passes, bytes }: Assembly): Program {
  const place = { pass: 0, sample: 0 };
  const imageSteps = steps
    .filter((step) => step.on === 'image')
    .map((step) => ('call' in step ? exported(step.call) : () => step.script(floats, place)));
  const vectorSteps = passes.map((_, pass) =>
    steps
      .filter((step) => step.on === 'vector')
      .map((step) => ('calls' in step ? exported(step.calls[pass]) : () => step.script(floats, pass))),
  );
  const inputSize = input.kind === 'vector' ? input.features : input.channels * input.height * input.width;

  /** Samples `first` to `first + count` of `data` in one pass; the places of a pass that stay empty hold what they held. */
  function runPass(data: Float32Array, first: number, count: number, pass: number): void {
    place.pass = pass;
    for (let b = 0; b < count; b++) {
      place.sample = b;
      const sample = data.subarray((first + b) * inputSize, (first + b + 1) * inputSize);
      if (input.kind === 'image') loadImage(floats, sample, input);
      else loadVector(floats, sample, { at: input.at[pass] / 4 + b, step: passes[pass] });
      for (let i = 0; i < imageSteps.length; i++) imageSteps[i]();
    }
    const calls = vectorSteps[pass];
    for (let i = 0; i < calls.length; i++) calls[i]();
  }

  return {
    bytes,
    run(data, batch) {
      const classes = output.features;
      const logits = new Float32Array(batch * classes);
      for (let first = 0; first < batch;) {
        const pass = passFor(passes, batch - first);
        const samples = passes[pass];
        const count = Math.min(samples, batch - first);
        runPass(data, first, count, pass);
        const from = output.at[pass] / 4;
        for (let b = 0; b < count; b++) {
          const to = (first + b) * classes;
          for (let i = 0; i < classes; i++) logits[to + i] = floats[from + i * samples + b];
        }
        first += count;
      }
      return logits;
    },
    call(layer, samples) {
      const step = steps.find((each) => each.layer === layer && ('call' in each || 'calls' in each));
      if (step && 'calls' in step) return exported(step.calls[passes.indexOf(samples)]);
      return exported((step as { readonly call: string }).call);
    },
    zeroShare: (layer) => zeroShare(floats, inputs.get(layer) as Value, passes.indexOf(1)),
    setInput(data, samples) {
      const pass = passes.indexOf(samples);
      for (let b = 0; b < (input.kind === 'image' ? 1 : samples); b++) {
        if (input.kind === 'image') loadImage(floats, data, input);
        else loadVector(floats, data, { at: input.at[pass] / 4 + b, step: samples });
      }
    },
  };
}

/** The largest pass of which at least a third is filled, so that few places are computed in vain. */
function passFor(passes: readonly number[], samples: number): number {
  let best = passes.indexOf(1);
  passes.forEach((size, pass) => {
    if (size <= 3 * samples && size > passes[best]) best = pass;
  });
  return best;
}

function zeroShare(floats: Float32Array, value: Value, pass: number): number {
  let zeros = 0;
  const countRow = (from: number, length: number): void => {
    for (let i = from; i < from + length; i++) if (floats[i] === 0) zeros++;
  };
  if (value.kind === 'vector') {
    countRow(value.at[pass] / 4, value.features);
    return zeros / value.features;
  }
  const { at, channels, height, width, row, plane } = value;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) countRow(at / 4 + c * plane + y * row, width);
  }
  return zeros / (channels * height * width);
}

/** [height, width, channels] -> planes */
function loadImage(floats: Float32Array, sample: Float32Array, { at, channels, plane }: ImageValue): void {
  const to = at / 4;
  if (channels === 1) floats.set(sample, to);
  else {
    for (let c = 0; c < channels; c++) {
      for (let i = c, k = to + c * plane; i < sample.length; i += channels, k++) floats[k] = sample[i];
    }
  }
}

function loadVector(
  floats: Float32Array,
  sample: Float32Array,
  { at, step }: { readonly at: number; readonly step: number },
): void {
  if (step === 1) floats.set(sample, at);
  else for (let i = 0, k = at; i < sample.length; i++, k += step) floats[k] = sample[i];
}
