/** The file of bench `seeds`, and what follows from its measurements. */
import type { Report } from '@espalier/stages';
import type { Circumstances, CodeVersion } from './circumstances';
import type { DenseBaseline } from './dense-baseline';
import type { MeasuredArtifact } from './measure-artifact';
import { summarise, type Summary } from './summary';

export interface SeedResult {
  readonly seed: number;
  readonly code: CodeVersion;
  readonly recipeDigest: string;
  readonly fingerprint: string;
  readonly report: Report;
  readonly measured: MeasuredArtifact;
  /** Wall time of the whole command; missing when a stage came out of the cache. */
  readonly seconds?: number;
}

export interface SeedsSummary {
  /** Shares of the test images. */
  readonly denseError: Summary;
  readonly error: Summary;
  readonly kept: Summary;
  /** Weights of the dense network / weights that are not zero in the decoded file; biases not counted. */
  readonly weightsRatio: Summary;
  readonly bytes: Summary;
  /** 4 bytes a parameter of the dense network, biases included / bytes of the file. */
  readonly bytesRatio: Summary;
  readonly seconds?: Summary;
}

export interface SeedsResults {
  readonly version: number;
  readonly bench: 'seeds';
  readonly circumstances: Circumstances;
  readonly engine: Report['engine'] & { readonly fingerprint: string };
  readonly recipe: {
    readonly name: string;
    readonly file: string;
    readonly sets: readonly string[];
    readonly digest: string;
  };
  readonly network: string;
  readonly summary: SeedsSummary;
  readonly denseSameLength?: DenseBaseline;
  readonly seeds: readonly SeedResult[];
}

/** @param seeds at least one */
export function summariseSeeds(seeds: readonly SeedResult[]): SeedsSummary {
  const over = (value: (seed: SeedResult) => number): Summary => summarise(seeds.map(value));
  const seconds = seeds.flatMap((seed) => seed.seconds ?? []);
  return {
    denseError: over(({ report }) => report.dense.error),
    error: over(({ measured }) => measured.error),
    kept: over(({ measured }) => measured.kept),
    weightsRatio: over(({ report, measured }) => report.weights.total / measured.kept),
    bytes: over(({ measured }) => measured.bytes),
    bytesRatio: over(({ report, measured }) => report.artifact.denseBytes / measured.bytes),
    ...(seconds.length > 0 ? { seconds: summarise(seconds) } : {}),
  };
}

/**
 * Earlier results that a bench goes on with: of the same recipe and, unless `anyCode`, of the same code without
 * uncommitted changes.
 */
export function stillValid<Result extends Pick<SeedResult, 'recipeDigest' | 'code'>>(
  seeds: readonly Result[],
  now: { readonly recipeDigest: string; readonly code: CodeVersion; readonly anyCode: boolean },
): Result[] {
  return seeds.filter(({ recipeDigest, code }) => {
    if (recipeDigest !== now.recipeDigest) return false;
    return now.anyCode || (code.commit === now.code.commit && !code.dirty && !now.code.dirty);
  });
}
