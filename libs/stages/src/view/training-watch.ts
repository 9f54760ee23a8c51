/** A training, told step by step, and with pruning inside it how the layers look meanwhile. */
import type { StepsDone } from '@espalier/engine';
import type { PruneResult } from '@espalier/pruning';
import { Mask, TENSOR_SUFFIXES, asFloat32, requireTensor, type Snapshot } from '@espalier/tensor';
import { countKept, isKernelName } from '../kept';
import { layerView } from './layer-view';
import { keptPoints, layerOfKernel, type StageWatcher } from './watcher';

/** Between two looks at the layers. */
const VIEW_INTERVAL_MS = 1_000;
/** Of a training's time, what looking at its layers may take: large networks are looked at less often. */
const VIEW_SHARE = 0.01;

export interface TrainingWatchOptions {
  /** The training's first step: x is counted from there. */
  readonly first: number;
  /** May the layers be looked at by `threshold`, a magnitude? */
  readonly byMagnitude: boolean;
  readonly nowMs?: () => number;
}

export class TrainingWatch {
  private readonly nowMs: () => number;
  private nextViewMs = -Infinity;
  private testedAt = new Map<string, number>();

  constructor(
    private readonly watcher: StageWatcher,
    private readonly options: TrainingWatchOptions,
  ) {
    this.nowMs = options.nowMs ?? (() => performance.now());
  }

  steps({ steps, losses, learningRates }: StepsDone): void {
    const x = steps.map((step) => step - this.options.first);
    this.watcher.points('loss', x, losses);
    this.watcher.points('learningRate', x, learningRates);
  }

  /** An error that was measured after `step` steps; a second time at one step it is the same. */
  error(split: 'train' | 'heldOut' | 'test', step: number, error: number): void {
    if (this.testedAt.get(split) === step) return;
    this.testedAt.set(split, step);
    this.watcher.points(`error/${split}`, [step - this.options.first], [error]);
  }

  /** @param before what was pruned, with its weights */
  pruned(step: number, before: Snapshot, { masks, thresholds }: PruneResult): void {
    const kernels = [...before.tensors].filter(([name]) => isKernelName(name));
    const layers = kernels.map(([name, { data }]) => {
      const kept = masks.get(name)?.count() ?? countKept(data);
      return { name, weights: data.length, kept };
    });
    keptPoints(layers, step - this.options.first, this.watcher);
    const startMs = this.nowMs();
    if (startMs < this.nextViewMs) return;
    for (const [name, { shape }] of kernels) {
      const threshold = this.options.byMagnitude ? thresholds.get(name) : undefined;
      const weights = asFloat32(requireTensor(before, name), name);
      const mask = masks.get(name) ?? maskIn(before, name);
      this.watcher.view(layerView({ name: layerOfKernel(name), shape, weights, mask, threshold }));
    }
    const tookMs = this.nowMs() - startMs;
    this.nextViewMs = startMs + Math.max(VIEW_INTERVAL_MS, tookMs / VIEW_SHARE);
  }
}

function maskIn({ tensors }: Snapshot, kernel: string): Mask | undefined {
  const mask = tensors.get(kernel + TENSOR_SUFFIXES.mask);
  return mask && Mask.fromTensor(mask, kernel);
}
