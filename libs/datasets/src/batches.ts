/**
 * Which samples make which batch: a function of the seed and the step alone, so that training can stop and go on
 * anywhere. Each epoch has an order of its own; a last batch that would not be full is left out (its samples come in
 * other epochs), so that all batches have one shape.
 */
import { Random } from '@espalier/base';

/** The order in which epoch `epoch` (from 0) goes through `count` samples: a permutation of 0..count - 1. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return new Random(seed).fork(`epoch-${epoch}`).permutation(count);
}

/** Full batches in one epoch; 1 of all samples where there are fewer than `batchSize`. */
export function stepsPerEpoch(count: number, batchSize: number): number {
  return Math.max(1, Math.floor(count / batchSize));
}

/** The samples of step `step` (from 0, counted over all epochs): [min(batchSize, count)] indices. */
export function batchIndices(seed: number, step: number, count: number, batchSize: number): Uint32Array {
  return new BatchSequence(seed, count, batchSize).at(step);
}

/** `batchIndices` for many steps: keeps the order of the epoch that was asked for last. */
export class BatchSequence {
  readonly stepsPerEpoch: number;
  private epoch = -1;
  private order: Uint32Array = new Uint32Array(0);

  constructor(
    private readonly seed: number,
    private readonly count: number,
    private readonly batchSize: number,
  ) {
    this.stepsPerEpoch = stepsPerEpoch(count, batchSize);
  }

  /** A view that is valid until another epoch is asked for. */
  at(step: number): Uint32Array {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.epoch) {
      this.order = epochOrder(this.seed, epoch, this.count);
      this.epoch = epoch;
    }
    const start = (step % this.stepsPerEpoch) * this.batchSize;
    return this.order.subarray(start, start + this.batchSize);
  }
}
