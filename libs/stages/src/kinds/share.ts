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
import type { ContributionRef } from '@espalier/plugin-api';
import { TENSOR_SUFFIXES, asFloat32, float32, tensor } from '@espalier/tensor';
import type { ShareConfig } from '../config';
import { pluginsOf, type StageContext } from '../context';
import { stagesError } from '../errors';
import { pluginsInProcess } from '../plugins';
import { quantizedKernel } from '../quantized';
import { guard as guarded, pluginFacts } from '../scoring';
import type { StageResult, StageSpec } from '../stage';
import type { StoredSnapshot } from '../stored-snapshot';

/** Results travel as control messages of at most 64 KiB: codebooks go along while they are small. */
const MAX_TOLD_LEVELS = 256;
/** Over all layers of a network. */
const MAX_TOLD_LEVELS_IN_ALL = 1024;

/** Metrics: `layers` with name and levels; codebook and usage (weights of each level) of the layers whose levels are few. */
export async function runShare(
  spec: StageSpec,
  start: StoredSnapshot,
  context?: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as ShareConfig;
  if (config.quantizer) return runQuantizer(spec, config.quantizer, { start, context });
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

/** Kernels through a plugin's quantizer. Metrics: `layers` with name and levels, and `quantizedBy`. */
async function runQuantizer(
  spec: StageSpec,
  reference: ContributionRef,
  { start, context }: { readonly start: StoredSnapshot; readonly context?: StageContext },
): Promise<StageResult> {
  const { kernels = [], needsCodes = false } = spec.config as unknown as ShareConfig;
  const plugins = context ? pluginsOf(context) : pluginsInProcess();
  const quantizer = await guarded('quantizer', reference, () => plugins.quantizer(reference));
  const draft = start.draft();
  const layers: JsonValue[] = [];
  for (const name of kernels) {
    const kernel = await start.tensor(name);
    const before = asFloat32(kernel, name);
    const random = new Random(spec.seed).fork(`share-${name}`);
    const { shape } = kernel;
    const { values, shared, signs, step } = await guarded('quantizer', reference, async () =>
      quantizedKernel(await quantizer.quantize({ name, shape, values: before.slice(), random }), before, {
        quantizer: reference.name,
        layer: name,
        shape,
      }),
    );
    if (!shared && needsCodes) {
      throw stagesError('STAGE_QUANTIZER_CODES', { quantizer: reference.name, layer: name });
    }
    await draft.set(name, float32(shape, values));
    if (shared) {
      await draft.set(name + TENSOR_SUFFIXES.codes, tensor('uint16', shape, shared.codes));
      await draft.set(name + TENSOR_SUFFIXES.codebook, float32([shared.codebook.length], shared.codebook));
    }
    if (signs) await draft.set(name + TENSOR_SUFFIXES.signs, signs.toTensor());
    if (step !== undefined) await draft.set(name + TENSOR_SUFFIXES.step, float32([1], Float32Array.of(step)));
    layers.push({ name, levels: shared?.codebook.length ?? 0 });
  }
  return {
    outputs: { snapshot: { kind: 'snapshot', digest: await draft.finish() } },
    metrics: { layers, quantizedBy: { quantizer: reference.name, ...pluginFacts(reference) } },
  };
}
