/** The second half of the bench: are patterns exact in the files, and what do the networks cost to run? */
import { readMnist, type Samples } from '@espalier/datasets';
import type { DecodedArtifact } from '@espalier/encoding';
import { createIntegerModel, createModel } from '@espalier/inference';
import { parametersOf } from '@espalier/models';
import { asFloat32, sizeOf, type Tensor } from '@espalier/tensor';
import type { Recipe } from '@espalier/recipe';
import { median, timeCalls } from '../inference/time-calls';
import { checkBlocks, checkNm, type PatternLayer } from './patterns';

/** Images that the calls go round. */
const SAMPLES = 128;

/** What each kernel of the decoded network is, held against the pattern of the recipe's granularity. */
export function measurePattern({ prune }: Recipe, { network, tensors }: DecodedArtifact): PatternLayer[] {
  const granularity = prune?.granularity;
  const { name, options } =
    typeof granularity === 'object' ? granularity : { name: granularity ?? '', options: {} };
  const kernels = parametersOf(network).filter(({ prunable }) => prunable);
  return kernels.map(({ name: kernel, shape, layer }): PatternLayer => {
    const values = asFloat32(tensors.get(kernel) as Tensor, kernel);
    const given = { name: layer, shape, values };
    if (name.endsWith('/nm')) return checkNm(given, { n: Number(options['n']), m: Number(options['m']) });
    if (name.endsWith('/block')) {
      return checkBlocks(given, { side: Number(options['rows']), keep: shareOf(prune, layer) });
    }
    // Whole units are taken out: what is left of the tensors has all of its weights.
    const kept = values.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
    return { name: layer, shape, weights: sizeOf(shape), kept, expected: sizeOf(shape), broken: 0 };
  });
}

function shareOf(prune: Recipe['prune'], layer: string): number {
  const share = prune?.keep && 'layers' in prune.keep ? prune.keep.layers[layer] : undefined;
  return share ?? 1;
}

export interface Timing {
  readonly rounds: number;
  readonly seconds: number;
}

/** Images that ranges of activations are taken from: of the training set. */
const CALIBRATION = 512;

export interface NetworkTimes {
  /** Microseconds of one image. */
  readonly us: number;
  readonly integer: { readonly error: number; readonly us: number };
}

interface Timed {
  run(image: Float32Array): Float32Array;
}

/** By name: floats and whole numbers, all in turns; the median of the rounds' medians counts. */
export async function timeNetworks(
  networks: ReadonlyMap<string, DecodedArtifact>,
  { rounds, seconds }: Timing,
): Promise<Map<string, NetworkTimes>> {
  const { train, test } = readMnist();
  const { images } = test;
  const size = 28 * 28;
  const inputs = Array.from({ length: SAMPLES }, (_, i) =>
    Float32Array.from(images.subarray(i * size, (i + 1) * size), (pixel) => pixel / 255),
  );
  const sample = Float32Array.from({ length: SAMPLES * size }, (_, i) => images[i] / 255);
  const samples = Float32Array.from({ length: CALIBRATION * size }, (_, i) => train.images[i] / 255);
  const all = [...networks];
  const floats = await Promise.all(all.map(([, source]) => createModel(source, { sample, threads: 1 })));
  const integers = await Promise.all(all.map(([, source]) => createIntegerModel(source, { samples })));
  const models: readonly Timed[] = [...floats, ...integers];
  const times = models.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [m, model] of models.entries()) {
      const { us } = await timeCalls((i) => model.run(inputs[i % SAMPLES]), seconds);
      times[m].push(us);
    }
  }
  for (const model of floats) model.dispose();
  return new Map(
    all.map(([name], i) => {
      const integer = { error: errorOf(integers[i], test), us: median(times[all.length + i]) };
      return [name, { us: median(times[i]), integer }];
    }),
  );
}

/** Share of the images that are answered wrongly. */
function errorOf(model: Timed, { images, labels, count }: Samples): number {
  const size = images.length / count;
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    const pixels = images.subarray(i * size, (i + 1) * size);
    const logits = model.run(Float32Array.from(pixels, (pixel) => pixel / 255));
    if (logits.indexOf(logits.reduce((a, b) => Math.max(a, b))) !== labels[i]) wrong++;
  }
  return wrong / count;
}
