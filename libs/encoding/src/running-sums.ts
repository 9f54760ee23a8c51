/** Sums of the first values of an array: a sum is kept every 64 values, so that 10^8 of them take 12 MB, not 800. */
const STEP_BITS = 6;
const STEP = 2 ** STEP_BITS;

export class RunningSums {
  private readonly sums: Float64Array;

  constructor(private readonly values: Float32Array) {
    this.sums = new Float64Array((values.length >>> STEP_BITS) + 1);
    let sum = 0;
    for (let block = 0; block < this.sums.length; block++) {
      this.sums[block] = sum;
      const end = Math.min(values.length, (block + 1) * STEP);
      for (let i = block * STEP; i < end; i++) sum += values[i];
    }
  }

  /** values[0] + ... + values[count - 1], added in this order. */
  first(count: number): number {
    const block = count >>> STEP_BITS;
    let sum = this.sums[block];
    for (let i = block * STEP; i < count; i++) sum += this.values[i];
    return sum;
  }

  /** The mean of values[from .. end), which are not none. */
  mean(from: number, end: number): number {
    return (this.first(end) - this.first(from)) / (end - from);
  }
}
