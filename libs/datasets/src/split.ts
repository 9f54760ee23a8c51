import { sliceSamples, type Samples } from './dataset';
import { dataError } from './errors';

/** MNIST's usual validation part; 5,000 samples know an error of 1 % to 0.14 points (one standard deviation). */
export const DEFAULT_HELD_OUT = 5000;

export interface TrainSplit {
  readonly train: Samples;
  /** Empty when nothing is held out. */
  readonly heldOut: Samples;
}

/**
 * Holds out the last `heldOut` training samples: what budgets and choices look at, so that the test set stays untouched.
 * Both parts are views. @throws DATA_HELD_OUT when nothing would be left to train with
 */
export function splitTrain(samples: Samples, heldOut: number = DEFAULT_HELD_OUT): TrainSplit {
  if (!Number.isInteger(heldOut) || heldOut < 0 || heldOut >= samples.count) {
    throw dataError('DATA_HELD_OUT', { heldOut, count: samples.count });
  }
  const border = samples.count - heldOut;
  return { train: sliceSamples(samples, 0, border), heldOut: sliceSamples(samples, border, samples.count) };
}
