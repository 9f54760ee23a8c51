import type { TimedBench } from '../circumstances';
import type { PatternLayer } from './patterns';

export interface PluginsRun {
  readonly seed: number;
  /** Of the decoded file, on all test images, by a fresh process. */
  readonly error: number;
  readonly bytes: number;
  readonly kept: number;
  readonly layers?: readonly PatternLayer[];
  /** Median microseconds of one image by libs/inference, one thread; in turns with the other points of the network and seed. */
  readonly us?: number;
  /** The same network in whole numbers (`createIntegerModel`), calibrated on training images: share of the test images, and time in the same turns. */
  readonly integer?: { readonly error: number; readonly us: number };
}

export interface PluginsPoint {
  readonly name: string;
  readonly recipe: string;
  readonly sets: readonly string[];
  readonly runs: readonly PluginsRun[];
}

export interface PluginsNetwork {
  readonly title: string;
  readonly network: string;
  readonly points: readonly PluginsPoint[];
}

/** LeNet-300-100, by the libraries. */
export interface CombinedPoint {
  readonly name: string;
  readonly runs: readonly PluginsRun[];
}

export interface PluginsResults extends TimedBench<'plugins'> {
  readonly combinations: readonly CombinedPoint[];
  readonly sweep: string;
  readonly networks: readonly PluginsNetwork[];
}
