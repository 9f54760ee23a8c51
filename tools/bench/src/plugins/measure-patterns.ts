/** The second half of the bench: are patterns exact in the files, and what do the networks cost to run? */
import { readMnist } from '@espalier/datasets';
import type { DecodedArtifact } from '@espalier/encoding';
import { createModel } from '@espalier/inference';
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

/** Microseconds of one image, by name: the networks take turns, the median of their medians counts. */
export async function timeNetworks(
  networks: ReadonlyMap<string, DecodedArtifact>,
  { rounds, seconds }: Timing,
): Promise<Map<string, number>> {
  const { images } = readMnist().test;
  const size = 28 * 28;
  const inputs = Array.from({ length: SAMPLES }, (_, i) =>
    Float32Array.from(images.subarray(i * size, (i + 1) * size), (pixel) => pixel / 255),
  );
  const sample = Float32Array.from({ length: SAMPLES * size }, (_, i) => images[i] / 255);
  const models = new Map<string, Awaited<ReturnType<typeof createModel>>>();
  for (const [name, source] of networks) models.set(name, await createModel(source, { sample, threads: 1 }));
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, model] of models) {
      const { us } = await timeCalls((i) => model.run(inputs[i % SAMPLES]), seconds);
      times.set(name, [...(times.get(name) ?? []), us]);
    }
  }
  for (const model of models.values()) model.dispose();
  return new Map([...times].map(([name, each]) => [name, median(each)]));
}
