/** `share`: each kernel's survivors get one of a few values (DC16 section 3): codes and a codebook beside the kernel. */
import { Random, type JsonValue } from '@espalier/base';
import {
  imageLayouts,
  lambdaFor,
  quantiseByRate,
  quantiseLinearly,
  shareWeights,
  type PositionLayout,
  type SharedWeights,
} from '@espalier/encoding';
import type { NetworkSpec } from '@espalier/models';
import { TENSOR_SUFFIXES, asFloat32, float32, tensor } from '@espalier/tensor';
import type { ShareConfig } from '../config';
import type { StageResult, StageSpec } from '../stage';
import type { StoredSnapshot } from '../stored-snapshot';

/** Results travel as control messages of at most 64 KiB: codebooks go along while they are small. */
const MAX_TOLD_LEVELS = 256;
/** Over all layers of a network. */
const MAX_TOLD_LEVELS_IN_ALL = 1024;

/** Metrics: `layers` with name and levels; codebook and usage (weights of each level) of the layers whose levels are few. */
export async function runShare(spec: StageSpec, start: StoredSnapshot): Promise<StageResult> {
  const config = spec.config as unknown as ShareConfig;
  const draft = start.draft();
  const images = config.rateWeight === undefined ? undefined : imageLayouts(networkOf(start));
  const layoutOf = (name: string, shape: readonly number[]): PositionLayout => {
    const image = images?.get(name);
    return image && shape.length === 2 ? { shape, image } : { shape };
  };
  const layers: JsonValue[] = [];
  let toldLevels = 0;
  for (const [name, levels] of Object.entries(config.levels)) {
    const kernel = await start.tensor(name);
    const { shape } = kernel;
    const weights = asFloat32(kernel, name);
    const random = new Random(spec.seed).fork(`share-${name}`);
    const { codes, codebook, step } = shareOne(weights, {
      levels,
      config,
      random,
      layout: layoutOf(name, shape),
    });
    const usage = new Array<number>(codebook.length).fill(0);
    // In place: nobody else has this array.
    for (let i = 0; i < weights.length; i++) {
      const code = codes[i];
      weights[i] = code === 0 ? 0 : codebook[code - 1];
      if (code !== 0) usage[code - 1]++;
    }
    await draft.set(name, kernel);
    await draft.set(name + TENSOR_SUFFIXES.codes, tensor('uint16', shape, codes));
    await draft.set(name + TENSOR_SUFFIXES.codebook, float32([codebook.length], codebook));
    if (step !== undefined) await draft.set(name + TENSOR_SUFFIXES.step, float32([1], Float32Array.of(step)));
    const isTold =
      codebook.length <= MAX_TOLD_LEVELS && toldLevels + codebook.length <= MAX_TOLD_LEVELS_IN_ALL;
    if (isTold) toldLevels += codebook.length;
    layers.push({
      name,
      levels: codebook.length,
      ...(isTold ? { codebook: [...codebook], usage } : {}),
    });
  }
  return { outputs: { snapshot: { kind: 'snapshot', digest: await draft.finish() } }, metrics: { layers } };
}

function networkOf(start: StoredSnapshot): NetworkSpec {
  return start.network as unknown as NetworkSpec;
}

interface Shared extends SharedWeights {
  readonly step?: number;
}

interface Sharing {
  readonly levels: number;
  readonly config: ShareConfig;
  readonly random: Random;
  readonly layout: PositionLayout;
}

function shareOne(weights: Float32Array, { levels, config, random, layout }: Sharing): Shared {
  if (config.method === 'linear') return quantiseLinearly(weights, { bits: Math.ceil(Math.log2(levels)) });
  const shared = shareWeights(weights, { levels, start: config.init, random });
  if (config.rateWeight === undefined) return shared;
  const lambda = lambdaFor(weights, shared.codebook, config.rateWeight);
  return quantiseByRate(weights, shared.codebook, { lambda, layout });
}
