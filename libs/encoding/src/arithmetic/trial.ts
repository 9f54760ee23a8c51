/**
 * Is mixing worth its time? In a large tensor whose signs or ranks no context predicts it only costs: after a trial on the first
 * survivors each of the two is mixed on, or coded by adaptive bits alone.
 */

/** How many survivors. Less than what saves a second is not worth an error. */
export const TRIAL_SURVIVORS = 2 ** 15;
/** Mixing goes on where it lowers the squared error of a survivor's bits by 1/1024. */
const LEAST_GAIN = 2 ** 14;

export class Trial {
  /** In 1/2^24: whole numbers, and exact. */
  private gain = 0;

  /** What was coded, and the probability of a 1, as shares of 2^16, by mixing and without it. */
  add(bit: number, mixed: number, alone: number): void {
    const [withIt, without] = [((bit << 16) - mixed) >> 4, ((bit << 16) - alone) >> 4];
    this.gain += without * without - withIt * withIt;
  }

  get passed(): boolean {
    return this.gain > TRIAL_SURVIVORS * LEAST_GAIN;
  }
}
