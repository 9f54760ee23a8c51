/** The file of bench `frontier`: what every point of the sweep came to. */
import type { Circumstances, CodeVersion } from '../circumstances';
import type { SeedResult } from '../seed-results';
import { summarise, type Summary } from '../summary';

/** One run of one point: what is needed of it for the picture, and to know whether it still holds. */
export interface FrontierRun {
  readonly seed: number;
  readonly code: CodeVersion;
  readonly recipeDigest: string;
  /** Of what the dense network depends on: runs that agree in it share its training. */
  readonly denseDigest: string;
  readonly fingerprint: string;
  /** Shares of the test images; `error` is that of the network decoded from the file. */
  readonly denseError: number;
  readonly error: number;
  readonly testImages: number;
  readonly bytes: number;
  /** Weights that are not zero in the decoded file, biases not counted. */
  readonly kept: number;
  readonly layers: readonly { readonly name: string; readonly kept: number }[];
  /** From scratch to the file; stages that came from the cache count as long as they took when they were run. */
  readonly seconds?: number;
  readonly stages: readonly { readonly stage: string; readonly seconds: number; readonly cached: boolean }[];
}

export interface FrontierPoint {
  readonly name: string;
  /** The recipe's file, as the sweep names it, and the changes. */
  readonly recipe: string;
  readonly sets: readonly string[];
  /** `16`, or by layer: what the recipe asks for. */
  readonly levels: string;
  readonly runs: readonly FrontierRun[];
}

export interface FrontierNetwork {
  readonly title: string;
  readonly network: string;
  /** Of the dense network, biases not counted. */
  readonly weights: number;
  /** 4 bytes a parameter, biases included. */
  readonly denseBytes: number;
  readonly points: readonly FrontierPoint[];
}

export interface FrontierResults {
  readonly version: number;
  readonly bench: 'frontier';
  readonly circumstances: Circumstances;
  readonly sweep: { readonly file: string; readonly seeds: readonly number[] };
  readonly networks: readonly FrontierNetwork[];
}

/** @param earlier runs whose stages may be those that this one found in the cache */
export function frontierRun(
  result: SeedResult,
  denseDigest: string,
  earlier: readonly FrontierRun[],
): FrontierRun {
  const { seed, code, recipeDigest, fingerprint, report, measured } = result;
  const stages = report.stages.map(({ stage, seconds, cached }) => ({
    stage,
    seconds,
    cached: cached === true,
  }));
  const seconds = fromScratch(
    stages,
    earlier.filter((run) => run.seed === seed && run.denseDigest === denseDigest),
  );
  return {
    seed,
    code,
    recipeDigest,
    denseDigest,
    fingerprint,
    denseError: report.dense.error,
    error: measured.error,
    testImages: measured.testImages,
    bytes: measured.bytes,
    kept: measured.kept,
    layers: measured.layers.map(({ name, kept }) => ({ name, kept })),
    ...(seconds === undefined ? {} : { seconds }),
    stages,
  };
}

/** What comes from the cache are the first stages of a run; an earlier run from the same dense network has them at the same places. */
function fromScratch(stages: FrontierRun['stages'], earlier: readonly FrontierRun[]): number | undefined {
  let sum = 0;
  for (const [i, { stage, seconds, cached }] of stages.entries()) {
    const first = earlier
      .map((run) => run.stages[i])
      .find((other) => other?.stage === stage && !other.cached);
    const own = cached ? first?.seconds : seconds;
    if (own === undefined) return undefined;
    sum += own;
  }
  return sum;
}

export interface PointSummary {
  readonly error: Summary;
  readonly bytes: Summary;
  readonly bytesRatio: Summary;
  readonly kept: Summary;
  readonly weightsRatio: Summary;
  readonly denseError: Summary;
  readonly seconds?: Summary;
}

/** @param point with at least one run */
export function summarisePoint(
  network: Pick<FrontierNetwork, 'weights' | 'denseBytes'>,
  point: FrontierPoint,
): PointSummary {
  const over = (value: (run: FrontierRun) => number): Summary => summarise(point.runs.map(value));
  const seconds = point.runs.flatMap((run) => run.seconds ?? []);
  return {
    error: over(({ error }) => error),
    bytes: over(({ bytes }) => bytes),
    bytesRatio: over(({ bytes }) => network.denseBytes / bytes),
    kept: over(({ kept }) => kept),
    weightsRatio: over(({ kept }) => network.weights / kept),
    denseError: over(({ denseError }) => denseError),
    ...(seconds.length > 0 ? { seconds: summarise(seconds) } : {}),
  };
}
