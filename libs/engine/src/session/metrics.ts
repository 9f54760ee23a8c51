/** Loss and errors from logits. Plain JavaScript in float64: the same on every engine. */

export interface Metrics {
  readonly count: number;
  /** Mean cross entropy. */
  readonly loss: number;
  /** Samples whose most likely class is not theirs. */
  readonly wrong: number;
  /** wrong / count */
  readonly error: number;
  /** Share of the samples whose class is not among the five most likely. */
  readonly top5Error: number;
}

const TOP = 5;

/** Adds up samples, batch by batch. */
export class MetricsSum {
  private count = 0;
  private loss = 0;
  private wrong = 0;
  private wrongTop = 0;

  constructor(private readonly classes: number) {}

  /** Takes the rows of `logits` [batch, classes] that have a label. */
  add(logits: Float32Array, labels: ArrayLike<number>): void {
    for (let i = 0; i < labels.length; i++) {
      this.addSample(logits.subarray(i * this.classes, (i + 1) * this.classes), labels[i]);
    }
  }

  result(): Metrics {
    const { count, wrong } = this;
    const share = (sum: number): number => (count === 0 ? 0 : sum / count);
    return { count, loss: share(this.loss), wrong, error: share(wrong), top5Error: share(this.wrongTop) };
  }

  private addSample(logits: Float32Array, label: number): void {
    const own = logits[label];
    let largest = -Infinity;
    for (const value of logits) largest = Math.max(largest, value);
    let sum = 0;
    let before = 0;
    for (let k = 0; k < logits.length; k++) {
      sum += Math.exp(logits[k] - largest);
      // Of equal logits the lower class comes first, so that saying the same of all classes is not taken to be right.
      // Written so that NaN is never right.
      if (k !== label && !(logits[k] < own || (logits[k] === own && k > label))) before++;
    }
    this.count++;
    this.loss += largest + Math.log(sum) - own;
    if (before > 0) this.wrong++;
    if (before >= TOP) this.wrongTop++;
  }
}
