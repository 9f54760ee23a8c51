/** Loss of a batch from its logits, and its gradient to them (../graph/loss.ts has the formulas as a graph). */
import { TILE_SAMPLES } from './memory-map';

export interface LossInput {
  /** [parts][classes][TILE_SAMPLES] */
  readonly logits: Float32Array;
  /** [samples] */
  readonly labels: Int32Array;
  readonly classes: number;
  /** Share of the label that is spread evenly over all classes. */
  readonly labelSmoothing: number;
  readonly taught?: Taught;
}

/** Hinton, Vinyals & Dean 2015. */
export interface Taught {
  /** [samples][classes] */
  readonly logits: Float32Array;
  readonly temperature: number;
  readonly weight: number;
}

/**
 * Mean over the samples of the cross entropy between softmax and label, and where there is a teacher of both parts of the distillation loss.
 * Writes its `gradients` to the logits; behind the last sample they are left as they are.
 */
export function softmaxLoss(input: LossInput, gradients: Float32Array): number {
  const { logits, labels, classes, labelSmoothing, taught } = input;
  const samples = labels.length;
  const spread = labelSmoothing / classes;
  const own = new Softmax(classes);
  const softened = new Softmax(classes);
  const teacher = new Softmax(classes);
  const { temperature = 1, weight = 0 } = taught ?? {};
  let total = 0;
  for (let sample = 0; sample < samples; sample++) {
    const first = Math.floor(sample / TILE_SAMPLES) * classes * TILE_SAMPLES + (sample % TILE_SAMPLES);
    own.take(logits, { first, pitch: TILE_SAMPLES, temperature: 1 });
    if (taught) {
      softened.take(logits, { first, pitch: TILE_SAMPLES, temperature });
      teacher.take(taught.logits, { first: sample * classes, pitch: 1, temperature });
    }
    let [entropy, divergence] = [0, 0];
    for (let k = 0, at = first; k < classes; k++, at += TILE_SAMPLES) {
      const wanted = (k === labels[sample] ? 1 - labelSmoothing : 0) + spread;
      if (wanted > 0) entropy -= wanted * own.logarithms[k];
      let slope = (1 - weight) * (own.shares[k] - wanted);
      if (taught) {
        divergence += teacher.shares[k] * (teacher.logarithms[k] - softened.logarithms[k]);
        slope += weight * temperature * (softened.shares[k] - teacher.shares[k]);
      }
      gradients[at] = slope / samples;
    }
    total += (1 - weight) * entropy + weight * temperature ** 2 * divergence;
  }
  return total / samples;
}

interface Place {
  readonly first: number;
  readonly pitch: number;
  readonly temperature: number;
}

/** Probabilities of one sample's logits, and their logarithms. */
class Softmax {
  readonly shares: Float64Array;
  readonly logarithms: Float64Array;

  constructor(private readonly classes: number) {
    this.shares = new Float64Array(classes);
    this.logarithms = new Float64Array(classes);
  }

  take(logits: Float32Array, { first, pitch, temperature }: Place): void {
    const { shares, logarithms, classes } = this;
    let most = -Infinity;
    for (let k = 0, at = first; k < classes; k++, at += pitch) {
      if (logits[at] > most) most = logits[at];
    }
    let sum = 0;
    for (let k = 0, at = first; k < classes; k++, at += pitch) {
      logarithms[k] = (logits[at] - most) / temperature;
      shares[k] = Math.exp(logarithms[k]);
      sum += shares[k];
    }
    const logSum = Math.log(sum);
    for (let k = 0; k < classes; k++) {
      shares[k] /= sum;
      logarithms[k] -= logSum;
    }
  }
}
