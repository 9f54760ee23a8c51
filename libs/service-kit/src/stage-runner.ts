/**
 * What a service needs to know about stages. The functions themselves come from `@espalier/stages` and are passed in, so
 * that this lib, like every other on its floor, leans on lower floors alone, and tests need no engine.
 */
import type { JsonValue, Logger } from '@espalier/base';
import type { BlobStore, RecordStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';
import { serviceError } from './errors';
import type { RunnerWatcher } from './view/show-desk';

/** The part of a stage's specification that a service looks at; the rest is the stage's own. */
export interface OfferedStage {
  readonly kind: string;
  readonly round?: number;
  readonly config: JsonValue;
  readonly seed: number;
  readonly algorithm: number;
  /** Digest of the data set's manifest. */
  readonly data?: Digest;
  readonly inputs: Readonly<Record<string, StageInputRef>>;
  readonly fingerprint?: string;
}

export interface StageInputRef {
  readonly kind: 'snapshot' | 'blob';
  readonly digest: Digest;
}

export interface StageOutput {
  readonly outputs: Readonly<Record<string, StageInputRef>>;
  readonly metrics: { readonly [key: string]: JsonValue | undefined };
}

export interface RunnerEvent {
  readonly type: 'progress' | 'layers' | 'note' | 'measured';
  readonly fields: { readonly [key: string]: JsonValue | undefined };
}

export interface RunnerContext {
  readonly store: BlobStore;
  /** Results and checkpoints, by stage key. */
  readonly cache: RecordStore;
  emit(event: RunnerEvent): void;
  readonly watcher: RunnerWatcher;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly threads: number;
  readonly checkpointSeconds: number;
}

/** Methods, so that functions over the narrower types of `@espalier/stages` fit. */
export interface StageRunner {
  /** Runs a stage whose inputs lie in the store, or finds its result in the cache. */
  run(spec: OfferedStage, context: RunnerContext): Promise<{ result: StageOutput; cached: boolean }>;
  /** The engine that this process runs stages on; undefined for a service whose stages need none. */
  engine?(threads: number): Promise<RunnerEngine | undefined>;
}

/** At least the fingerprint; the rest is for people. */
export interface RunnerEngine {
  readonly fingerprint: string;
  readonly [key: string]: JsonValue;
}

const DIGEST = /^[0-9a-f]{64}$/;

/** A stage's specification as it came over the wire, checked as far as a service uses it. @throws SERVICE_SPEC */
export function parseOfferedStage(value: unknown): OfferedStage {
  const spec = map(value, 'the specification');
  if (typeof spec['kind'] !== 'string') throw unreadable('"kind" must be a word');
  for (const [role, input] of Object.entries(map(spec['inputs'], '"inputs"'))) {
    const { kind, digest } = map(input, `input "${role}"`);
    if (kind !== 'snapshot' && kind !== 'blob')
      throw unreadable(`input "${role}" must be a snapshot or a blob`);
    if (typeof digest !== 'string' || !DIGEST.test(digest)) throw unreadable(`input "${role}" has no digest`);
  }
  const data = spec['data'];
  if (data !== undefined && (typeof data !== 'string' || !DIGEST.test(data)))
    throw unreadable('"data" must be a digest');
  // Not rebuilt field by field: the stage's key is the digest of the whole.
  return spec as unknown as OfferedStage;
}

function map(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw unreadable(`${what} must be a map`);
}

function unreadable(problem: string): Error {
  return serviceError('SERVICE_SPEC', { problem });
}
