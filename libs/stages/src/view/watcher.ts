/** What a stage shows beside its result, for whoever watches it. Where nobody does there is none, and nothing is worked out. */
import type { LayerView } from '@espalier/protocol';

export interface StageWatcher {
  /**
   * Figures by step of the stage: `x` are whole numbers, ever greater within a series. The arrays stay the caller's.
   * Series: `loss`, `learningRate`, `error/train`, `error/heldOut`, `error/test`, `kept` (share of all), `kept/LAYER`.
   */
  points(series: string, x: ArrayLike<number>, y: ArrayLike<number>): void;
  /** How a layer looks now; it replaces what was said of that layer before. */
  view(layer: LayerView): void;
}

/** A kernel's layer, as viewers name it. */
export function layerOfKernel(kernel: string): string {
  return kernel.replace(/\/kernel$/, '');
}

/** Counts of kernels as points of `kept/LAYER`, and of `kept` over all of them. */
export function keptPoints(
  layers: readonly { readonly name: string; readonly weights: number; readonly kept: number }[],
  x: number,
  watcher: StageWatcher,
): void {
  let weights = 0;
  let kept = 0;
  for (const layer of layers) {
    watcher.points(`kept/${layerOfKernel(layer.name)}`, [x], [layer.kept / layer.weights]);
    weights += layer.weights;
    kept += layer.kept;
  }
  if (weights > 0) watcher.points('kept', [x], [kept / weights]);
}
