/**
 * What each kind of stage is told: the `config` of its `StageSpec`. Made by the planner out of the resolved recipe;
 * plain JSON, because it is hashed, logged and sent.
 */
import type { AugmentSpec } from '@espalier/datasets';
import type { OptimizerSpec } from '@espalier/engine';
import type { NetworkSpec } from '@espalier/models';
import type { ContributionRef, OptionValues } from '@espalier/plugin-api';
import type { ReferenceConfig } from './plugins';

/** A learning rate in epochs; the stage turns it into steps when it knows how many an epoch has. */
export type EpochLearningRate =
  | { readonly kind: 'constant'; readonly base: number; readonly warmupEpochs: number }
  | {
      readonly kind: 'step';
      readonly base: number;
      readonly factor: number;
      readonly everyEpochs: number;
      readonly warmupEpochs: number;
    }
  /** From `base` to `final` over all epochs, after `warmupEpochs` of linear rise. */
  | { readonly kind: 'cosine'; readonly base: number; readonly final: number; readonly warmupEpochs: number };

export interface TrainingConfig {
  /** The network to start from scratch; a retrain takes the network of its `start` snapshot. */
  readonly network?: NetworkSpec;
  readonly epochs: number;
  /** Epochs of this schedule that earlier rounds have used up; 0 when each round starts anew. */
  readonly epochsBefore: number;
  /** Length of the learning-rate schedule in epochs. */
  readonly epochsTotal: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerSpec;
  readonly learningRate: EpochLearningRate;
  readonly augment?: AugmentSpec;
  readonly l1: number;
  readonly l2: number;
  readonly labelSmoothing: number;
  /** Rates by dropout layer, in place of the network's own. */
  readonly dropout?: Readonly<Record<string, number>>;
  readonly frozen?: readonly string[];
  /** Needs the input `teacher`. */
  readonly distill?: { readonly temperature: number; readonly weight: number };
  /** Train centroids: the start snapshot has codes and codebooks. */
  readonly shared: boolean;
  /** With `shared`: the first of its steps train the weights behind the centroids. Needs the input `latent`. */
  readonly straightThrough?: StraightThroughConfig;
  /** Start from the optimizer's state in the start snapshot, and leave it in the output. */
  readonly keepOptimizer: boolean;
  /** The last `heldOut` training samples are not trained on. */
  readonly heldOut: number;
  /** Pruning inside this training, by a schedule over its steps. */
  readonly during?: DuringConfig;
}

export interface StraightThroughConfig {
  /** Share of the steps, above 0; the centroids have the rest. */
  readonly share: number;
  /** Steps between two times that weights get their nearest centroids and those become means. */
  readonly everySteps: number;
}

/** Gradual pruning inside one training (Zhu & Gupta 2017). */
export interface DuringConfig extends CriterionConfig {
  readonly schedule: ReferenceConfig;
  readonly everySteps: number;
  readonly fromEpoch: number;
  /** Share of the steps after which nothing more is removed. */
  readonly untilShare: number;
  readonly keep: KeepConfig;
  /** Other criteria from these steps of the training on, in their order. */
  readonly swaps?: readonly DuringSwap[];
}

export interface DuringSwap {
  /** Counted from the beginning of this training. */
  readonly fromStep: number;
  readonly criterion: ContributionRef;
  /** It stands in for a plugin that failed. */
  readonly fallback?: true;
}

export interface CriterionConfig {
  readonly criterion: ReferenceConfig;
  /** Of one of ours. */
  readonly criterionOptions?: OptionValues;
  /** Scores where the criterion's plugin fails for good. */
  readonly fallback?: ContributionRef;
  readonly granularity: ReferenceConfig;
  /** Brings removed weights back. */
  readonly regrowth?: ContributionRef;
  /** No layer is left with fewer weights. */
  readonly minimumKept: number;
}

/** Share kept: one over all prunable kernels, or one for each by tensor name. */
export type KeepConfig = { readonly global: number } | { readonly layers: Readonly<Record<string, number>> };

export interface SensitivityConfig {
  /** Shares of a kernel that are kept, one after the other. */
  readonly keep: readonly number[];
  /** Steps of retraining a point; 0 for none. */
  readonly retrainSteps: number;
  /** How a point is retrained: at a constant rate; its epochs count for nothing. */
  readonly training: TrainingConfig;
}

export interface PruneConfig extends CriterionConfig {
  /** Either by `quality` x standard deviation, by tensor name ... */
  readonly quality?: Readonly<Record<string, number>>;
  /** ... or by exact share. */
  readonly keep?: KeepConfig;
  /** Batches whose gradients are accumulated, for criteria that need them. */
  readonly gradientBatches: number;
  readonly batchSize: number;
  readonly heldOut: number;
}

/** Structured pruning of one round. */
export interface PruneUnitsConfig extends Pick<CriterionConfig, 'criterion' | 'criterionOptions'> {
  /** Units left, by layer name. */
  readonly keep: Readonly<Record<string, number>>;
  readonly gradientBatches: number;
  readonly batchSize: number;
  readonly heldOut: number;
}

export interface ShareConfig {
  /** Levels by tensor name; survivors of a kernel get at most that many values. */
  readonly levels: Readonly<Record<string, number>>;
  readonly init: 'linear' | 'density' | 'random' | 'blend';
  /** k-means, or equally spaced levels. */
  readonly method: 'kmeans' | 'linear';
  /** In the place of both, for every kernel of `kernels`. */
  readonly quantizer?: ContributionRef;
  readonly kernels?: readonly string[];
  /** Codes are needed afterwards: centroids are trained. */
  readonly needsCodes?: boolean;
  /** With k-means: codes are chosen by squared error and bits together; `lambdaFor` of the encoding says what it means. */
  readonly rateWeight?: number;
}

export interface EncodeConfig {
  /** All that the encoder knows, unless given. */
  readonly codings?: readonly string[];
  readonly biasBits: number;
  readonly codebook: 'float32' | 'float16';
  /** A plugin's, for all kernels. */
  readonly codec?: ContributionRef;
}
