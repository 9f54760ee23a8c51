/** Measurements as the tests want them. */
import type { Report } from '@espalier/stages';
import type { SeedResult, SeedsResults } from './seed-results';
import { summariseSeeds } from './seed-results';
import { RESULTS_VERSION } from './results-file';

/** A run of LeNet-300-100 that kept 20,000 weights in 9,000 bytes. */
export function seedResult(overrides: Partial<SeedResult> = {}): SeedResult {
  const report = {
    recipe: 'lenet-300-100',
    network: 'lenet-300-100',
    dense: { error: 0.009 },
    weights: { total: 266_200, kept: 20_000, ratio: 13.31 },
    layers: [
      { name: 'fc1', weights: 235_200, kept: 17_000, bits: 6, bytes: 6000 },
      { name: 'fc2', weights: 30_000, kept: 2700, bits: 6, bytes: 2000 },
      { name: 'fc3', weights: 1000, kept: 300, bits: 6, bytes: 900 },
    ],
    artifact: { bytes: 9000, denseBytes: 1_066_440, ratio: 118.5 },
    paperCoding: null,
    engine: { backend: 'native', version: '2.18.0', threads: 2 },
  } as unknown as Report;
  return {
    seed: 1,
    code: { commit: 'c0ffee', dirty: false },
    recipeDigest: 'r1',
    fingerprint: 'f1',
    report,
    measured: {
      bytes: 9000,
      kept: 20_000,
      layers: [
        { name: 'fc1', kept: 17_000, weights: 235_200 },
        { name: 'fc2', kept: 2700, weights: 30_000 },
        { name: 'fc3', kept: 300, weights: 1000 },
      ],
      error: 0.0155,
      testImages: 10_000,
    },
    seconds: 100,
    ...overrides,
  };
}

export function seedsResults(seeds: readonly SeedResult[]): SeedsResults {
  const [{ report, code }] = seeds;
  return {
    version: RESULTS_VERSION,
    bench: 'seeds',
    circumstances: {
      date: '2026-11-24',
      command: 'espalier bench seeds',
      code,
      node: 'v20.20.2',
      machine: { cpu: 'a CPU', cores: 2, memoryGiB: 24, os: 'Linux 6' },
    },
    engine: { ...report.engine, fingerprint: 'f1' },
    recipe: { name: report.recipe, file: 'recipes/lenet-300-100.yaml', sets: [], digest: 'r1' },
    network: report.network,
    summary: summariseSeeds(seeds),
    seeds,
  };
}
