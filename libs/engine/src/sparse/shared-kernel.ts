/**
 * A kernel whose kept weights are looked up in a codebook (DC16 section 3): weight i is plus or minus codebook[codes[i] - 1]. Where the centroids are
 * trained, the gradient of one is the sum over its weights (section 3.3).
 */
import type { OptimizerSpec } from '../session/options';

export interface SharedKernelOptions {
  /** Of the kept weights, from 1. */
  readonly codes: Uint16Array;
  /** Of the kept weights, 1 or -1. */
  readonly signs?: Float32Array;
  readonly levels: number;
  readonly slots: number;
}

export interface SharedUpdate {
  readonly optimizer: OptimizerSpec;
  /** With the corrections of Adam's moments. */
  readonly rate: number;
}

export class SharedKernel {
  readonly codebook: Float32Array;
  readonly slots: readonly Float32Array[];
  private readonly gradient: Float64Array;

  constructor(private readonly options: SharedKernelOptions) {
    const { levels, slots } = options;
    this.codebook = new Float32Array(levels);
    this.slots = Array.from({ length: slots }, () => new Float32Array(levels));
    this.gradient = new Float64Array(levels);
  }

  /** Writes the weights that the codes stand for. */
  lookUp(weights: Float32Array): void {
    const { codes, signs } = this.options;
    for (let i = 0; i < weights.length; i++) {
      const level = this.codebook[codes[i] - 1];
      weights[i] = signs ? signs[i] * level : level;
    }
  }

  /** One step of the optimizer for the centroids, from the gradients of the weights. */
  update(gradients: Float32Array, { optimizer, rate }: SharedUpdate): void {
    const { codes, signs } = this.options;
    const { gradient, codebook, slots } = this;
    gradient.fill(0);
    for (let i = 0; i < gradients.length; i++) {
      gradient[codes[i] - 1] += signs ? signs[i] * gradients[i] : gradients[i];
    }
    const [first, second] = slots;
    for (let k = 0; k < codebook.length; k++) {
      if (optimizer.kind === 'sgd') {
        first[k] = optimizer.momentum * first[k] + gradient[k];
        codebook[k] -= rate * first[k];
      } else {
        first[k] += (gradient[k] - first[k]) * (1 - optimizer.beta1);
        second[k] += (gradient[k] ** 2 - second[k]) * (1 - optimizer.beta2);
        codebook[k] -= (rate * first[k]) / (Math.sqrt(second[k]) + optimizer.epsilon);
      }
    }
  }
}
