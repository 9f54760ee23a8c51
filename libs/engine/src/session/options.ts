import type { AugmentSpec, Samples } from '@espalier/datasets';
import type { NetworkSpec } from '@espalier/models';
import type { Snapshot } from '@espalier/tensor';
import type { LearningRateSpec } from './learning-rate';

export type OptimizerSpec =
  | { readonly kind: 'sgd'; readonly momentum: number }
  | { readonly kind: 'adam'; readonly beta1: number; readonly beta2: number; readonly epsilon: number };

export type SplitName = 'train' | 'heldOut' | 'test';

export interface SessionOptions {
  readonly network: NetworkSpec;
  /**
   * What to start from: parameters, and where present masks, optimizer slots, codes and codebooks. Default: He's
   * initialisation before a relu, Glorot's elsewhere, zeros for biases, all from `seed`.
   */
  readonly initial?: Snapshot;
  /** Instead of `initial`: every parameter comes by `setWeights` before anything is run, so that they need not be held together. */
  readonly weightsLater?: boolean;
  /** Of batches, augmentation, dropout and initialisation. */
  readonly seed: number;
  readonly optimizer: OptimizerSpec;
  readonly learningRate: LearningRateSpec;
  readonly batchSize: number;
  readonly data: { readonly [split in SplitName]?: Samples } & { readonly train: Samples };
  /** Random distortion of the training images. */
  readonly augment?: AugmentSpec;
  /** Share of the label that is spread evenly over all classes, in [0, 1). */
  readonly labelSmoothing?: number;
  /** Adds l1 * |w| to the loss, over all kernels. */
  readonly l1?: number;
  /** Adds l2 * w^2 / 2 to the loss, over all kernels. */
  readonly l2?: number;
  readonly distill?: DistillSpec;
  /** Rates by the name of the dropout layer; they stand in the place of the network's own. */
  readonly dropout?: Readonly<Record<string, number>>;
  /** Layers whose parameters stay as they are. */
  readonly frozen?: readonly string[];
  /**
   * Kernels come from the codes and codebooks of `initial`. True: the centroids are trained. `straight-through`: codes and
   * centroids stay until `setShared` gives others, and the kernels of `initial` are trained as the latent weights behind
   * them: each gets the gradient of the centroid that stands for it (Bengio, Leonard & Courville 2013). Where `initial` has signs, too
   * (`:signs`), a weight is plus or minus its centroid, and a centroid's gradient is the signed sum (HashedNets).
   */
  readonly shared?: boolean | 'straight-through';
  /**
   * Weights are trained on behind their masks: a removed weight is 0 for the network, but keeps its value, its slots and the gradient that
   * it would have (Guo, Yao & Chen 2016), so that another mask can bring it back. They come from `:latent` of `initial` where
   * that is there. Not for shared kernels.
   */
  readonly latent?: boolean;
  /**
   * Default `auto`, which on WASM is eager. `compiled`: each step is one call of TensorFlow. `sparse`: steps are done on the
   * kept weights alone (the first masks aside: before them nothing is pruned); throws ENGINE_OPTION in a step where that cannot be.
   * `auto`: the one or the other, by how many weights the masks keep.
   */
  readonly executor?: 'auto' | 'compiled' | 'sparse' | 'eager';
  /** The step that comes first; batches, augmentation and learning rate are functions of the step. Default 0. */
  readonly startStep?: number;
}

/**
 * Knowledge distillation (Hinton, Vinyals & Dean 2015): the loss is (1 - weight) * cross entropy + weight *
 * temperature^2 * KL(teacher || student), both softened by the temperature.
 */
export interface DistillSpec {
  readonly teacher: Snapshot;
  readonly temperature: number;
  /** In [0, 1]. */
  readonly weight: number;
}
