/** Loss of a batch from its logits, and its gradient to them. */

export interface LossInput {
  /** [classes][pitch]: samples side by side; becomes the gradient of the mean loss, 0 behind the last sample. */
  readonly logits: Float32Array;
  readonly pitch: number;
  /** [samples] */
  readonly labels: Int32Array;
  readonly classes: number;
  /** Share of the label that is spread evenly over all classes. */
  readonly labelSmoothing: number;
}

/** Mean over the samples of the cross entropy between softmax and label. `gradients` may be `logits`. */
export function softmaxLoss(
  { logits, pitch, labels, classes, labelSmoothing }: LossInput,
  gradients: Float32Array,
): number {
  const samples = labels.length;
  const spread = labelSmoothing / classes;
  const probabilities = new Float64Array(classes);
  let total = 0;
  for (let sample = 0; sample < samples; sample++) {
    let most = -Infinity;
    for (let k = 0, at = sample; k < classes; k++, at += pitch) most = Math.max(most, logits[at]);
    let sum = 0;
    for (let k = 0, at = sample; k < classes; k++, at += pitch) {
      probabilities[k] = Math.exp(logits[at] - most);
      sum += probabilities[k];
    }
    const logSum = Math.log(sum) + most;
    for (let k = 0, at = sample; k < classes; k++, at += pitch) {
      const wanted = (k === labels[sample] ? 1 - labelSmoothing : 0) + spread;
      if (wanted > 0) total += wanted * (logSum - logits[at]);
      gradients[at] = (probabilities[k] / sum - wanted) / samples;
    }
  }
  return total / samples;
}
