/**
 * The last part of admission: each contribution is given a small tensor that is known, twice, and what it answers is checked as it always
 * is; the second answer must have the same bits. An observer is not asked: it has effects.
 */
import { type ContributionManifest } from '@espalier/plugin-api';
import { errorMessage, Random } from '@espalier/base';
import { Mask, sizeOf, type Shape } from '@espalier/tensor';
import { pluginHostError } from './errors';
import type { HostedPlugin } from './hosted-plugin';
import type { GivenOptions, LoadedPlugin } from './loaded-plugin';

const DENSE: Shape = [16, 8];
const CONV: Shape = [3, 3, 8, 16];
const PROGRESSES = [0, 0.25, 0.5, 0.75, 1];
const SEED = 20_261_124;

/** @throws PLUGIN_CANARY */
export async function runCanary(plugin: HostedPlugin): Promise<void> {
  for (const contribution of plugin.manifest.contributions) {
    const { kind, name } = contribution;
    await askTwice(() => ask(plugin, contribution), { plugin: plugin.ref.name, kind, name });
  }
}

/** The same for one criterion with the options that it is to be used with. @throws PLUGIN_CANARY */
export async function tryCriterion(
  plugin: Pick<LoadedPlugin, 'ref' | 'criterion'>,
  name: string,
  options: GivenOptions,
): Promise<void> {
  const scores = async (): Promise<Uint8Array> =>
    bytes(await plugin.criterion(name, options).score(criterionInput()));
  await askTwice(scores, { plugin: plugin.ref.name, kind: 'criterion', name });
}

async function askTwice(
  answer: () => Promise<Uint8Array>,
  of: { readonly plugin: string; readonly kind: string; readonly name: string },
): Promise<void> {
  try {
    const [first, second] = [await answer(), await answer()];
    if (!Buffer.from(first).equals(Buffer.from(second))) {
      throw new Error('the same input gave two answers; use `random` alone, and keep nothing between calls');
    }
  } catch (cause) {
    throw pluginHostError('PLUGIN_CANARY', { ...of, problem: errorMessage(cause) }, { cause });
  }
}

/** The bytes of the answer. */
async function ask(plugin: HostedPlugin, { kind, name }: ContributionManifest): Promise<Uint8Array> {
  const input = canaryInput();
  const weights = canaryWeights(DENSE);
  switch (kind) {
    case 'criterion':
      return bytes(await plugin.criterion(name).score(criterionInput()));
    case 'granularity': {
      const granularity = plugin.granularity(name);
      // One of filters has nothing to say of a dense layer, and the other way round.
      return bytes(await granularity.groupsOf(DENSE).catch(() => granularity.groupsOf(CONV)));
    }
    case 'schedule': {
      const schedule = plugin.schedule(name);
      const completions = await Promise.all(PROGRESSES.map((progress) => schedule.completion(progress)));
      if (completions.at(-1) !== 1)
        throw new Error(`at the end its completion is ${completions.at(-1)}, not 1`);
      if (completions.some((value, i) => i > 0 && value < completions[i - 1])) throw new Error('it falls');
      return bytes(Float64Array.from(completions));
    }
    case 'codec': {
      const codec = plugin.codec(name);
      const encoded = await codec.encode({ ...input, values: weights });
      const decoded = await codec.decode({ ...input, bytes: encoded });
      return Buffer.concat([encoded, bytes(decoded)]);
    }
    case 'quantizer': {
      const quantized = await plugin.quantizer(name).quantize({ ...input, values: weights });
      const { codes } = quantized;
      const zero = quantized.kind === 'affine' ? zeroCodes(quantized.zeroPoints, 8) : (): number => 0;
      const index = weights.findIndex((value, i) => value === 0 && codes[i] !== zero(i));
      if (index >= 0) throw new Error(`the removed weight at ${index} is not 0 any more`);
      return Buffer.concat([
        bytes(codes),
        bytes(quantized.kind === 'affine' ? quantized.scales : quantized.codebook),
        ...(quantized.kind === 'codebook' && quantized.signs ? [bytes(quantized.signs.bits)] : []),
      ]);
    }
    case 'regrowth': {
      const mask = canaryMask(weights);
      const regrown = await plugin.regrowth(name).regrow({
        ...input,
        weights,
        previousMask: Mask.full(DENSE),
        mask,
        gradients: weights.map((value) => value / 2),
        latent: weights,
      });
      return regrown.bits;
    }
    case 'observer':
      return new Uint8Array();
  }
}

/** All that a criterion may need. */
function criterionInput() {
  const weights = canaryWeights(DENSE);
  return {
    ...canaryInput(),
    weights,
    gradients: weights.map((value) => value / 2),
    unitTaylor: new Float32Array(8).fill(0.5),
    previousMask: canaryMask(weights),
    firstMoment: weights.map((value) => value / 4),
    secondMoment: weights.map((value) => value * value),
    inputNorms: new Float32Array(16).fill(0.25),
  };
}

function canaryInput() {
  return { name: 'canary', shape: DENSE, random: new Random(SEED, 'canary') };
}

/** Of all signs, with zeros, ties and a few that are large. */
function canaryWeights(shape: Shape): Float32Array {
  const random = new Random(SEED, 'weights');
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
    i % 5 === 0 ? 0 : i % 7 === 0 ? 0.5 : random.normal(),
  );
}

function canaryMask(weights: Float32Array): Mask {
  return Mask.fromFlags(
    DENSE,
    weights.map((value) => (value === 0 ? 0 : 1)),
  );
}

function zeroCodes(zeroPoints: Int8Array | undefined, channels: number): (index: number) => number {
  return (index) => zeroPoints?.[zeroPoints.length === 1 ? 0 : index % channels] ?? 0;
}

function bytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
