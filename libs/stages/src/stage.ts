/**
 * A stage is a pure function of what stands in its `StageSpec`: input snapshots, data, its part of the recipe, seed,
 * our algorithm's version and the engine's fingerprint. Its key is the digest of that; equal keys have equal results,
 * which is what resume, cache, undo and replay rest on.
 */
import { canonicalJson, type JsonValue } from '@espalier/base';
import type { Digest, DigestFunction } from '@espalier/tensor';

/** `shrink` removes dead units; `share` finds codebooks; their centroids are trained by a `retrain` with `shared: true`. */
export const STAGE_KINDS = ['train', 'prune', 'retrain', 'shrink', 'share', 'encode', 'evaluate'] as const;
export type StageKind = (typeof STAGE_KINDS)[number];

/** Which service does what. */
export const STAGES_OF_SERVICE = {
  trainer: ['train', 'evaluate'],
  pruner: ['prune', 'shrink'],
  retrainer: ['retrain'],
  encoder: ['share', 'encode'],
} as const satisfies Record<string, readonly StageKind[]>;
export type StageServiceName = keyof typeof STAGES_OF_SERVICE;

/** Raised when a stage would give other bytes than before for the same spec: old cache entries are then not used. */
export const ALGORITHM_VERSIONS: Readonly<Record<StageKind, number>> = {
  train: 2,
  prune: 1,
  retrain: 2,
  shrink: 2,
  share: 2,
  encode: 3,
  evaluate: 1,
};

export interface StageSpec {
  readonly kind: StageKind;
  readonly algorithm: number;
  /** 1-based for prune and retrain; absent for the others. */
  readonly round?: number;
  /** The stage's part of the resolved recipe, with what follows from the run so far (keep of this round, ...). */
  readonly config: JsonValue;
  readonly seed: number;
  /** Digest of the data set's manifest, for stages that see data. */
  readonly data?: Digest;
  /** What it starts from, by role: `start` (snapshot), `teacher` (snapshot), `latent` (snapshot, from before the sharing), `artifact` (blob). */
  readonly inputs: Readonly<Record<string, StageInput>>;
  /** The engine that the bits are promised for; absent for stages that use no engine. */
  readonly fingerprint?: string;
}

export interface StageInput {
  readonly kind: 'snapshot' | 'blob';
  readonly digest: Digest;
}

export interface StageResult {
  /** What it made, by role: `snapshot`, `artifact`. */
  readonly outputs: Readonly<Record<string, StageInput>>;
  /** Figures for the planner, the report and the viewers; see each stage for its fields. */
  readonly metrics: { readonly [key: string]: JsonValue | undefined };
}

/** A stage of a run that is done. */
export interface FinishedStage {
  readonly spec: StageSpec;
  readonly key: Digest;
  readonly result: StageResult;
}

/** The digest under which a stage's result is cached. */
export function stageKey(spec: StageSpec, digest: DigestFunction): Digest {
  return digest(new TextEncoder().encode(canonicalJson(spec as unknown as JsonValue)));
}

/** `train`, `prune 3`, `retrain 3`, ... for people. */
export function stageTitle(spec: Pick<StageSpec, 'kind' | 'round'>): string {
  return spec.round === undefined ? spec.kind : `${spec.kind} ${spec.round}`;
}
