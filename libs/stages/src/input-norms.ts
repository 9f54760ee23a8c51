/** How large the inputs of each kernel are, for criteria that declare `inputNorms` (Sun et al. 2023, Wanda). */
import { sliceSamples, type Samples } from '@espalier/datasets';
import { predictSnapshot } from '@espalier/engine';
import {
  INPUT,
  inferShapes,
  isKernelLayer,
  parametersOf,
  type LayerSpec,
  type NetworkSpec,
} from '@espalier/models';
import { sizeOf, type Shape, type Snapshot } from '@espalier/tensor';

/** Activations that are held at once: fewer samples of a layer that has many. */
const MAX_ACTIVATIONS = 2 ** 24;
/** Bytes 0..255 become 0..1, as in training. */
const PIXEL_SCALE = 1 / 255;

/**
 * Root mean square of each input over samples (and positions, and groups of a convolution), by kernel: dense [in], conv [in / groups].
 * @param count how many samples, at most; they lie evenly over all
 */
export async function inputNormsOf(
  snapshot: Snapshot,
  samples: Samples,
  count: number,
): Promise<Map<string, Float32Array>> {
  const network = snapshot.network as unknown as NetworkSpec;
  const shapes = inferShapes(network);
  const norms = new Map<string, Float32Array>();
  /** Of what layers read: several may read the same. */
  const known = new Map<string, Float64Array>();
  for (const layer of network.layers.filter(isKernelLayer)) {
    const [source] = layer.inputs;
    const shape = source === INPUT ? network.input : (shapes.get(source) as Shape);
    const channels = shape[shape.length - 1];
    const some = spread(samples, Math.min(count, Math.max(1, Math.floor(MAX_ACTIVATIONS / sizeOf(shape)))));
    let squares = known.get(source);
    if (!squares) {
      squares = meanSquares(await activationsOf(source, snapshot, some), channels);
      known.set(source, squares);
    }
    const kernel = parametersOf(network).find(({ name }) => name === `${layer.name}/kernel`);
    const inputs = kernel?.shape.at(-2) ?? channels;
    norms.set(`${layer.name}/kernel`, overGroups(squares, inputs));
  }
  return norms;
}

/** [samples and positions, channels], of what a layer gives, or of the pixels. */
async function activationsOf(source: string, snapshot: Snapshot, samples: Samples): Promise<Float32Array> {
  if (source === INPUT) return Float32Array.from(samples.images, (pixel) => pixel * PIXEL_SCALE);
  const network = upTo(source, snapshot.network as unknown as NetworkSpec);
  return predictSnapshot({ network, snapshot, samples });
}

/** The layers that this one needs, and it, flat. */
function upTo(last: string, network: NetworkSpec): NetworkSpec {
  const needed = new Set([last]);
  for (const { name, inputs } of [...network.layers].reverse()) {
    if (needed.has(name)) for (const input of inputs) needed.add(input);
  }
  const layers: LayerSpec[] = network.layers.filter(({ name }) => needed.has(name));
  const shape = inferShapes(network).get(last) as Shape;
  if (shape.length === 1) return { ...network, layers };
  return { ...network, layers: [...layers, { type: 'flatten', name: `${last}-flat`, inputs: [last] }] };
}

function meanSquares(activations: Float32Array, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  for (let i = 0; i < activations.length; i++) sums[i % channels] += activations[i] * activations[i];
  return sums.map((sum) => (sum * channels) / activations.length);
}

/** Input i of a group is channel i, inputs + i, ... */
function overGroups(squares: Float64Array, inputs: number): Float32Array {
  const groups = squares.length / inputs;
  return Float32Array.from({ length: inputs }, (_, i) => {
    let sum = 0;
    for (let group = 0; group < groups; group++) sum += squares[group * inputs + i];
    return Math.sqrt(sum / groups);
  });
}

function spread(samples: Samples, count: number): Samples {
  if (count >= samples.count) return samples;
  const size = samples.images.length / samples.count;
  const images = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * samples.count) / count);
    const one = sliceSamples(samples, at, at + 1);
    images.set(one.images, i * size);
    labels.set(one.labels, i);
  }
  return { ...samples, images, labels, count };
}
