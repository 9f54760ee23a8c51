/** The networks of the bench `inference`: HAN15's shares of weights kept, random weights on 32 levels, and inputs. */
import { Random } from '@espalier/base';
import { readMnist } from '@espalier/datasets';
import { weightsOf, type SharedWeights } from '@espalier/encoding';
import type { ModelSource } from '@espalier/inference';
import { checkNetwork, networkByName, parametersOf, type NetworkSpec } from '@espalier/models';
import { float32, sizeOf, type Tensor } from '@espalier/tensor';

export interface InferenceCase {
  readonly name: string;
  readonly source: ModelSource;
  /** [samples, ...input], 0 to 1: calls take one after the other. */
  readonly images: Float32Array;
  readonly samples: number;
  /** What the inputs are, in words. */
  readonly inputs: string;
  /** Of the file, where there is one. */
  readonly bytes?: number;
}

/** Of each case. */
export const SAMPLES = 128;

/** As DC16 shares dense layers: 5 bits. */
const LEVELS = 32;

/** Share of the inputs of AlexNet's fc6 that is 0; they come from a ReLU and a maximum of nine. */
const ZERO_SHARE = 0.5;

/** HAN15 tables 3 to 5. */
const KEPT = {
  'lenet-300-100': { fc1: 0.08, fc2: 0.09, fc3: 0.26 },
  'lenet-5': { conv1: 0.66, conv2: 0.12, fc1: 0.08, fc2: 0.19 },
  'alexnet-fc6-fc8': { fc6: 0.09, fc7: 0.09, fc8: 0.25 },
} as const;

export const CASE_NAMES = Object.keys(KEPT) as readonly (keyof typeof KEPT)[];

export function namedCase(name: keyof typeof KEPT): InferenceCase {
  const network = name === 'alexnet-fc6-fc8' ? alexnetHead() : networkByName(name);
  return caseOf(name, randomSource(network, KEPT[name]));
}

/** A network with inputs that fit it: MNIST's test images where those do. */
export function caseOf(name: string, source: ModelSource): InferenceCase {
  const shape = source.network.input;
  const size = sizeOf(shape);
  if (isMnist(source.network)) {
    const { images } = readMnist().test;
    const pixels = Float32Array.from(images.subarray(0, SAMPLES * size), (pixel) => pixel / 255);
    return { name, source, images: pixels, samples: SAMPLES, inputs: "MNIST's test images" };
  }
  const random = new Random(1, 'inputs');
  const values = Float32Array.from({ length: SAMPLES * size }, () =>
    random.uniform() < ZERO_SHARE ? 0 : random.uniform(),
  );
  return {
    name,
    source,
    images: values,
    samples: SAMPLES,
    inputs: 'random, half of them 0, as behind a ReLU',
  };
}

/** Does the network read images of MNIST's shape? */
export function isMnist({ input }: NetworkSpec): boolean {
  return input.length === 3 && input[0] === 28 && input[1] === 28 && input[2] === 1;
}

function alexnetHead(): NetworkSpec {
  return checkNetwork({
    name: 'alexnet-fc6-fc8',
    input: [9216],
    layers: [
      { type: 'dense', name: 'fc6', units: 4096 },
      { type: 'relu' },
      { type: 'dense', name: 'fc7', units: 4096 },
      { type: 'relu' },
      { type: 'dense', name: 'fc8', units: 1000 },
    ],
  });
}

function randomSource(network: NetworkSpec, keptShares: Readonly<Record<string, number>>): ModelSource {
  const tensors = new Map<string, Tensor>();
  const shared = new Map<string, SharedWeights>();
  for (const { name, layer, role, shape } of parametersOf(network)) {
    const random = new Random(1, name);
    const size = sizeOf(shape);
    if (role !== 'kernel') {
      tensors.set(
        name,
        float32(
          shape,
          Float32Array.from({ length: size }, () => 0.01 * random.normal()),
          name,
        ),
      );
      continue;
    }
    const keep = keptShares[layer];
    const scale = Math.sqrt(2 / ((size / shape[shape.length - 1]) * keep));
    // Each level with its negative: otherwise a ReLU may be given nothing but negative sums, and what follows costs nothing.
    const half = Float32Array.from({ length: LEVELS / 2 }, () => scale * random.normal());
    const codebook = Float32Array.from([...half, ...half.map((level) => -level)]).sort();
    const codes = new Uint16Array(size);
    for (let i = 0; i < size; i++) if (random.uniform() < keep) codes[i] = 1 + random.below(LEVELS);
    shared.set(name, { codes, codebook });
    tensors.set(name, float32(shape, weightsOf({ codes, codebook }), name));
  }
  return { network, tensors, shared };
}
