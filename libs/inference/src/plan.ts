/** Which kernel runs which layer, and why. */
import type { LayerType } from '@espalier/models';

/**
 * - `sparse`: kept weights, as float32; of a dense layer on one sample those of inputs that are not zero
 * - `sparse-columns`: kept weights, four outputs at a time, whatever the inputs are (dense layers, one sample)
 * - `sparse-codes`: as `sparse`, with codes that are looked up in the layer's codebook (dense layers, one sample)
 * - `sparse-levels`: kept weights of each output, level by level, whatever the inputs are (shared weights of dense layers, one sample)
 * - `dense`: all weights
 */
export const KERNEL_NAMES = ['sparse', 'sparse-columns', 'sparse-codes', 'sparse-levels', 'dense'] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

export interface LayerPlan {
  readonly layer: string;
  readonly type: LayerType;
  /** `reference` is the plain TypeScript of any layer; `plain` the loop of a layer that has no kernel of its own. */
  readonly kernel: KernelName | 'wasm' | 'plain' | 'reference';
  /** The kernel for passes of several samples, where the model has them. */
  readonly batchKernel?: KernelName;
  /** How many threads do it, where several could: Node, large dense layers. */
  readonly threads?: number;
  /** Names of layers that are done with it: a ReLU that follows, dropout. */
  readonly includes: readonly string[];
  /** Of a kernel. */
  readonly weights?: number;
  readonly kept?: number;
  readonly chosen?: 'measured' | 'given' | 'only one';
  /**
   * Microseconds a call, of each kernel that was tried: `dense`, `dense x 32` for a pass of 32 samples, and `2 threads` for the layer by
   * the kernel that was chosen.
   */
  readonly tried?: Readonly<Record<string, number>>;
}

export interface ModelPlan {
  readonly network: string;
  readonly backend: 'wasm-simd' | 'reference';
  /** How many samples are taken at once. */
  readonly passes: readonly number[];
  readonly memoryBytes: number;
  readonly layers: readonly LayerPlan[];
}

/** One line a layer. */
export function describePlan(plan: ModelPlan): string {
  const head = `${plan.network}: ${plan.backend}, passes of ${plan.passes.join(', ')}, ${plan.memoryBytes} bytes`;
  const lines = plan.layers.map((layer) => {
    const names = [layer.layer, ...layer.includes].join(' + ');
    const kernel = layer.batchKernel ? `${layer.kernel} (batch: ${layer.batchKernel})` : layer.kernel;
    const kept = layer.weights === undefined ? '' : `${layer.kept} of ${layer.weights} weights`;
    const tried = Object.entries(layer.tried ?? {}).map(([name, us]) => `${name} ${us.toFixed(1)} us`);
    const threads = (layer.threads ?? 1) > 1 ? `${layer.threads} threads` : '';
    return [names, kernel, threads, kept, layer.chosen ?? '', tried.join(', ')]
      .filter((part) => part !== '')
      .join('; ');
  });
  return [head, ...lines].join('\n');
}
