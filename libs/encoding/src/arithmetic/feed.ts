/**
 * What a tensor's rows can be expected to keep from what feeds them: with ReLUs, gradient flow leaves the difference of the squared
 * weights into a unit and out of it as it is (Du, Hu, Lee 2018), so a feature map of large weights is read by large ones, and one
 * that is dead by none.
 */
import type { Shape } from '@espalier/tensor';
import type { SharedWeights } from '../shared-weights';
import { octaves } from './octaves';

/** Squared weights into each output, in the order in which they stand: the same sum everywhere. */
export type OutputEnergies = Float64Array;

export function outputEnergies(weights: Float32Array | SharedWeights, shape: Shape): OutputEnergies {
  const outputs = shape[shape.length - 1];
  const energies = new Float64Array(outputs);
  if (weights instanceof Float32Array) {
    for (let i = 0, output = 0; i < weights.length; i++) {
      if (weights[i] !== 0) energies[output] += weights[i] * weights[i];
      if (++output === outputs) output = 0;
    }
    return energies;
  }
  const { codes, codebook } = weights;
  const squares = Float64Array.from([0, ...codebook], (value) => value * value);
  for (let i = 0, output = 0; i < codes.length; i++) {
    energies[output] += squares[codes[i]];
    if (++output === outputs) output = 0;
  }
  return energies;
}

/** Steps of the energy as contexts: 0 = dead, then half octaves from an eighth of the mean on. */
export const FEED_STEPS = 12;
/** An energy of so much is the mean. */
const MEAN = 65536;
const MEAN_OCTAVES = 256;
/** 256 x ln 2 / 16. */
const NAT_OF_PART = 11;

export interface Feed {
  /** [channels], below FEED_STEPS. */
  readonly steps: Uint8Array;
  /** [channels]: log-odds beside the mean, in 1/256 nat. */
  readonly odds: Int32Array;
}

/** By channel; all the same where nothing is known. */
export function feedOf(energies: OutputEnergies | undefined, channels: number): Feed {
  const feed = { steps: new Uint8Array(channels), odds: new Int32Array(channels) };
  if (energies?.length !== channels) return feed;
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  energies.forEach((energy, channel) => {
    const share = total > 0 ? Math.floor(((energy * channels) / total) * MEAN) : 0;
    const parts = octaves(Math.min(2 ** 31, share)) - MEAN_OCTAVES;
    feed.steps[channel] = energy === 0 ? 0 : 1 + Math.max(0, Math.min(FEED_STEPS - 2, 6 + (parts >> 3)));
    feed.odds[channel] = Math.max(-2047, Math.min(1023, energy === 0 ? -2047 : NAT_OF_PART * parts));
  });
  return feed;
}
