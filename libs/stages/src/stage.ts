/**
 * A stage is a pure function of what stands in its `StageSpec`: input snapshots, data, its part of the recipe, seed,
 * our algorithm's version and the engine's fingerprint. Its key is the digest of that; equal keys have equal results,
 * which is what resume, cache, undo and replay rest on.
 */
import { canonicalJson, type JsonValue } from '@espalier/base';
import type { Digest, DigestFunction } from '@espalier/tensor';

/**
 * `sensitivity` measures what each layer can lose, and changes nothing; `pruneUnits` takes whole units out, `shrink` removes dead ones; `share` finds codebooks; their centroids are trained by a
 * `retrain` with `shared: true`.
 */
export const STAGE_KINDS = [
  'train',
  'sensitivity',
  'pruneUnits',
  'prune',
  'retrain',
  'shrink',
  'share',
  'encode',
  'evaluate',
] as const;
export type StageKind = (typeof STAGE_KINDS)[number];

/** Which service does what. */
export const STAGES_OF_SERVICE = {
  trainer: ['train', 'sensitivity', 'evaluate'],
  pruner: ['pruneUnits', 'prune', 'shrink'],
  retrainer: ['retrain'],
  encoder: ['share', 'encode'],
} as const satisfies Record<string, readonly StageKind[]>;
export type StageServiceName = keyof typeof STAGES_OF_SERVICE;

/** Raised when a stage would give other bytes than before for the same spec: old cache entries are then not used. */
export const ALGORITHM_VERSIONS: Readonly<Record<StageKind, number>> = {
  train: 2,
  sensitivity: 1,
  pruneUnits: 1,
  prune: 1,
  retrain: 2,
  shrink: 2,
  share: 3,
  encode: 7,
  evaluate: 1,
};

export interface StageSpec {
  readonly kind: StageKind;
  readonly algorithm: number;
  /** 1-based for pruneUnits, prune and retrain; absent for the others, and for the retrain of centroids. */
  readonly round?: number;
  /** Of a retrain: its round is one of `pruneUnits`. */
  readonly phase?: 'units';
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

/** `train`, `prune units 1`, `retrain units 1`, `prune 3`, `retrain 3`, ... for people. */
export function stageTitle({ kind, round, phase }: Pick<StageSpec, 'kind' | 'round' | 'phase'>): string {
  const name = kind === 'pruneUnits' ? 'prune units' : phase === undefined ? kind : `${kind} ${phase}`;
  return round === undefined ? name : `${name} ${round}`;
}

/** Is it the retrain of a round that pruned weights (not one of units, nor that of the centroids)? */
export function isRoundRetrain({ spec }: Pick<FinishedStage, 'spec'>): boolean {
  return spec.kind === 'retrain' && spec.phase === undefined && spec.round !== undefined;
}
