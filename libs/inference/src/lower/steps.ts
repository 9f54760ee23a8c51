/** What a program does, in order. */
import type { LayerSpec } from '@espalier/models';
import type { Shape } from '@espalier/tensor';
import type { Arena } from '../wasm/arena';
import type { ModuleBuilder } from '../wasm/module-builder';
import type { Codes } from '../kernels/sparse-rows';
import type { KernelName } from '../plan';

/**
 * One step. `image` steps run for each sample, `vector` steps for each pass. A script works on the memory as float32 (addresses
 * divided by 4).
 */
export type Step =
  | { readonly on: 'image'; readonly layer: string; readonly call: string }
  | { readonly on: 'image'; readonly layer: string; readonly script: ImageScript }
  | { readonly on: 'vector'; readonly layer: string; readonly calls: readonly string[] }
  | { readonly on: 'vector'; readonly layer: string; readonly script: VectorScript };

export type ImageScript = (memory: Float32Array, place: Place) => void;
export type VectorScript = (memory: Float32Array, pass: number) => void;

/** Where in a pass a sample stands. */
export interface Place {
  readonly pass: number;
  readonly sample: number;
}

/** What the lowering of a layer gets. */
export interface Target {
  readonly arena: Arena;
  readonly module: ModuleBuilder;
  readonly steps: Step[];
  /** Samples of each kind of pass, 1 among them. */
  readonly passes: readonly number[];
  parameter(name: string): Float32Array;
  codes(name: string): Codes | undefined;
  kernels(layer: string): ChosenKernels;
  shape(layer: string): Shape;
}

export interface ChosenKernels {
  /** For one sample; of a convolution always. */
  readonly single: KernelName;
  /** For passes of several samples. */
  readonly batch: KernelName;
}

/** A layer, and whether a ReLU that follows is done with it. */
export interface Fused<Layer extends LayerSpec> {
  readonly layer: Layer;
  readonly relu: boolean;
}
