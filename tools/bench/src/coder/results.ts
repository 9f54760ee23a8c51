/** What the bench `coder` leaves in docs/results. */
import type { TimedBench } from '../circumstances';
import type { LosslessRows } from './lossless';
import type { RateDistortionResults } from './rate-distortion';

export interface CoderNetworkResults {
  readonly name: string;
  readonly what: string;
  readonly leNet: boolean;
  /** One a seed. */
  readonly lossless: readonly (LosslessRows & { readonly seed: number; readonly testError?: number })[];
  readonly rateDistortion?: RateDistortionResults;
  /** When it was measured; networks may be measured one by one. */
  readonly taken: Pick<TimedBench<'coder'>, 'circumstances' | 'load'>;
}

export interface CoderResults extends TimedBench<'coder'> {
  readonly quick: boolean;
  readonly networks: readonly CoderNetworkResults[];
}
