/** docs/results/swap.json, by bench `swap`. */
import type { Circumstances } from '../circumstances';

export interface SwapResults {
  readonly version: number;
  readonly bench: 'swap';
  readonly circumstances: Circumstances;
  readonly recipe: string;
  readonly sets: readonly string[];
  /** What the command said, in order. */
  readonly swaps: readonly SwapTold[];
  /** Who scored each round, as the run's log has it. */
  readonly rounds: readonly SwapRound[];
  readonly error: number;
  readonly bytes: number;
  /** SHA-256 of the files. */
  readonly digests: { readonly run: string; readonly replay: string };
  /** Did the run finish by three criteria, does its log name who scored each round, and is its replay the same artifact? */
  readonly met: boolean;
}

export interface SwapTold {
  readonly criterion: string;
  readonly round: number;
}

export interface SwapRound {
  readonly round: number;
  readonly criterion: string;
  /** `built-in`, or the plugin's name. */
  readonly plugin: string;
  readonly version?: string;
  readonly digest?: string;
}
