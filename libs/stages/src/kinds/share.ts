/** `share`: each kernel's survivors get one of a few values (DC16 section 3): codes and a codebook beside the kernel. */
import { Random, type JsonValue } from '@espalier/base';
import { quantiseLinearly, shareWeights, type SharedWeights } from '@espalier/encoding';
import {
  TENSOR_SUFFIXES,
  asFloat32,
  float32,
  requireTensor,
  tensor,
  type Snapshot,
  type Tensor,
} from '@espalier/tensor';
import type { ShareConfig } from '../config';
import type { StageContext } from '../context';
import type { StageResult, StageSpec } from '../stage';

/** Results travel as control messages of at most 64 KiB: codebooks go along while they are small. */
const MAX_TOLD_LEVELS = 256;
/** Over all layers of a network. */
const MAX_TOLD_LEVELS_IN_ALL = 1024;

/** Metrics: `layers` with name and levels; codebook and usage (weights of each level) of the layers whose levels are few. */
export async function runShare(
  spec: StageSpec,
  start: Snapshot,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as ShareConfig;
  const tensors = new Map<string, Tensor>(start.tensors);
  const layers: JsonValue[] = [];
  let toldLevels = 0;
  for (const [name, levels] of Object.entries(config.levels)) {
    const { shape, ...kernel } = requireTensor(start, name);
    const weights = asFloat32({ shape, ...kernel }, name);
    const random = new Random(spec.seed).fork(`share-${name}`);
    const { codes, codebook, step } = shareOne(weights, { levels, config, random });
    const shared = new Float32Array(weights.length);
    const usage = new Array<number>(codebook.length).fill(0);
    for (let i = 0; i < shared.length; i++) {
      if (codes[i] === 0) continue;
      shared[i] = codebook[codes[i] - 1];
      usage[codes[i] - 1]++;
    }
    tensors.set(name, float32(shape, shared, name));
    tensors.set(name + TENSOR_SUFFIXES.codes, tensor('uint16', shape, codes));
    tensors.set(name + TENSOR_SUFFIXES.codebook, float32([codebook.length], codebook));
    if (step !== undefined) tensors.set(name + TENSOR_SUFFIXES.step, float32([1], Float32Array.of(step)));
    const isTold =
      codebook.length <= MAX_TOLD_LEVELS && toldLevels + codebook.length <= MAX_TOLD_LEVELS_IN_ALL;
    if (isTold) toldLevels += codebook.length;
    layers.push({
      name,
      levels: codebook.length,
      ...(isTold ? { codebook: [...codebook], usage } : {}),
    });
  }
  const { id: digest } = await context.store.putSnapshot({ ...start, tensors });
  return { outputs: { snapshot: { kind: 'snapshot', digest } }, metrics: { layers } };
}

interface Shared extends SharedWeights {
  readonly step?: number;
}

function shareOne(
  weights: Float32Array,
  { levels, config, random }: { levels: number; config: ShareConfig; random: Random },
): Shared {
  if (config.method === 'kmeans') return shareWeights(weights, { levels, start: config.init, random });
  return quantiseLinearly(weights, { bits: Math.ceil(Math.log2(levels)) });
}
