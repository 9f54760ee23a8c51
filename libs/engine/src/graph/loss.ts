import { add, multiply, subtract } from '../ops/arithmetic';
import { scalar } from '../ops/constant';
import { crossEntropyWith, sparseCrossEntropy } from '../ops/cross-entropy';
import { l2Loss } from '../ops/l2-loss';
import { smoothLabels, softmax } from '../ops/labels';
import type { Value } from '../ops/node';
import { reduceMean, reduceSum } from '../ops/reduce-sum';
import { abs } from '../ops/unary';

export interface LossOptions {
  readonly labelSmoothing?: number;
  readonly l1?: number;
  readonly l2?: number;
  readonly distill?: { readonly temperature: number; readonly weight: number };
}

export interface LossInputs {
  /** [batch, classes] */
  readonly logits: Value;
  /** int32 [batch] */
  readonly labels: Value;
  /** What L1 and L2 are taken over. */
  readonly kernels: readonly Value[];
  /** [batch, classes], where there is a teacher. */
  readonly teacherLogits?: Value;
}

/** The loss of one batch, a scalar: the mean over its samples, and the penalties. */
export function trainingLoss(
  options: LossOptions,
  { logits, labels, kernels, teacherLogits }: LossInputs,
): Value {
  const { labelSmoothing = 0, l1 = 0, l2 = 0, distill } = options;
  const classes = logits.shape[1];
  let perSample =
    labelSmoothing > 0
      ? crossEntropyWith(logits, smoothLabels(labels, classes, labelSmoothing))
      : sparseCrossEntropy(logits, labels);
  if (distill && teacherLogits) {
    const { temperature, weight } = distill;
    const softened = multiply(logits, scalar(1 / temperature));
    const teacher = multiply(teacherLogits, scalar(1 / temperature));
    const probabilities = softmax(teacher);
    // KL(p || q) = cross entropy of p and q - entropy of p
    const divergence = subtract(
      crossEntropyWith(softened, probabilities),
      crossEntropyWith(teacher, probabilities),
    );
    perSample = add(
      multiply(perSample, scalar(1 - weight)),
      multiply(divergence, scalar(weight * temperature * temperature)),
    );
  }
  const penalties: Value[] = [];
  for (const kernel of kernels) {
    if (l1 > 0) penalties.push(multiply(reduceSum(abs(kernel)), scalar(l1)));
    if (l2 > 0) penalties.push(multiply(l2Loss(kernel), scalar(l2)));
  }
  return penalties.reduce((sum, penalty) => add(sum, penalty), reduceMean(perSample));
}
