/** What a person with trained weights has, made up: the weights as a safetensors file, a few images, a recipe. */
import { Random } from '@espalier/base';
import { encodeSafetensors } from '@espalier/encoding';
import { networkByName, parametersOf, type NetworkSpec, type ParameterSpec } from '@espalier/models';
import { PUBLISHED } from '@espalier/stages';
import { float32, sizeOf, type Tensor } from '@espalier/tensor';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Random weights classify nothing: the images are there to be run through, and their labels are arbitrary. */
const IMAGES = 4;
const CLASSES = 10;
const SEED = 1;

/** Of the biases: those of a trained network are small, too. */
const BIAS_STD = 0.01;

export interface GivenNetwork {
  readonly network: NetworkSpec;
  readonly weightsFile: string;
  readonly recipeFile: string;
}

/** Writes everything into `folder`. */
export function writeGivenNetwork(name: string, folder: string): GivenNetwork {
  const network = networkByName(name);
  const files = { weightsFile: join(folder, 'weights.safetensors'), recipeFile: join(folder, 'recipe.yaml') };
  mkdirSync(folder, { recursive: true });
  const random = new Random(SEED);
  const tensors = new Map(
    parametersOf(network).map((parameter) => [parameter.name, randomTensor(parameter, random)] as const),
  );
  writeFileSync(files.weightsFile, encodeSafetensors(tensors));
  const pixels = Uint8Array.from({ length: IMAGES * sizeOf(network.input) }, () => random.below(256));
  const labels = Uint8Array.from({ length: IMAGES }, () => random.below(CLASSES));
  writeFileSync(join(folder, 'images.idx'), idx([IMAGES, ...network.input], pixels));
  writeFileSync(join(folder, 'labels.idx'), idx([IMAGES], labels));
  writeFileSync(files.recipeFile, recipeText(name));
  return { network, ...files };
}

/** He's initial values: normal, variance 2 / inputs of a unit. */
function randomTensor({ name, shape, role }: ParameterSpec, random: Random): Tensor {
  const generator = random.fork(name);
  const inputs = sizeOf(shape.slice(0, -1));
  const std = role === 'kernel' ? Math.sqrt(2 / inputs) : BIAS_STD;
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = std * generator.normal();
  return float32(shape, values, name);
}

/** Shares as in HAN15, bits as in DC16: 8 for convolutions, 5 for fully connected layers. */
function recipeText(name: string): string {
  const shares = Object.entries(PUBLISHED[name].han15.keptShare).map(
    ([layer, share]) => `${layer}: ${share}`,
  );
  const hasConvolutions = networkByName(name).layers.some(({ type }) => type === 'conv2d');
  const files = '{ images: images.idx, labels: labels.idx }';
  return `version: 1
name: ${name}-as-given
network: ${name}
init: { from: weights.safetensors }
data: { format: idx, train: ${files}, test: ${files}, classes: ${CLASSES}, heldOut: 0 }
prune:
  keep: { layers: { ${shares.join(', ')} } }
  deadUnits: keep
share: { bits: { ${hasConvolutions ? 'conv2d: 8, ' : ''}dense: 5 } }
`;
}

/** Two zero bytes, 8 for unsigned bytes, the number of dimensions, each as a big-endian uint32, the values. */
function idx(dims: readonly number[], values: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dims.length + values.length);
  bytes.set([0, 0, 8, dims.length]);
  dims.forEach((dim, i) => new DataView(bytes.buffer).setUint32(4 + 4 * i, dim));
  bytes.set(values, 4 + 4 * dims.length);
  return bytes;
}
