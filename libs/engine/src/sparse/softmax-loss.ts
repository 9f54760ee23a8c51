/** Loss of a batch from its logits, and its gradient to them. */

import { TILE_SAMPLES } from './memory-map';

export interface LossInput {
  /** [parts][classes][TILE_SAMPLES] */
  readonly logits: Float32Array;
  /** [samples] */
  readonly labels: Int32Array;
  readonly classes: number;
  /** Share of the label that is spread evenly over all classes. */
  readonly labelSmoothing: number;
}

/** Mean over the samples of the cross entropy between softmax and label; its `gradients` are left as they are behind the last sample. */
export function softmaxLoss(
  { logits, labels, classes, labelSmoothing }: LossInput,
  gradients: Float32Array,
): number {
  const samples = labels.length;
  const spread = labelSmoothing / classes;
  const probabilities = new Float64Array(classes);
  let total = 0;
  for (let sample = 0; sample < samples; sample++) {
    const part = Math.floor(sample / TILE_SAMPLES);
    const first = part * classes * TILE_SAMPLES + (sample % TILE_SAMPLES);
    let most = -Infinity;
    for (let k = 0, at = first; k < classes; k++, at += TILE_SAMPLES) most = Math.max(most, logits[at]);
    let sum = 0;
    for (let k = 0, at = first; k < classes; k++, at += TILE_SAMPLES) {
      probabilities[k] = Math.exp(logits[at] - most);
      sum += probabilities[k];
    }
    const logSum = Math.log(sum) + most;
    for (let k = 0, at = first; k < classes; k++, at += TILE_SAMPLES) {
      const wanted = (k === labels[sample] ? 1 - labelSmoothing : 0) + spread;
      if (wanted > 0) total += wanted * (logSum - logits[at]);
      gradients[at] = (probabilities[k] / sum - wanted) / samples;
    }
  }
  return total / samples;
}
