/** The inner loops as WebAssembly, compiled from `assembly/`, on a memory that threads may share; and the threads. */
import { openTeam, sharedModule } from '@espalier/threads';
import { engineError } from '../errors';
import type { Arena } from './arena';
import { KERNEL_HEX } from './kernel-hex';
import { PARTS_OF_JOB } from './memory-map';

export interface Kernels {
  readonly buffer: ArrayBufferLike;
  /** Does the first `parts` parts of a job, several at a time. Throws ENGINE_RUN. */
  run(job: Job, parts: number): void;
  /** Ends the threads. */
  close(): void;
}

export const JOBS = ['forward', 'backward', 'update'] as const;
export type Job = (typeof JOBS)[number];

/** How many bytes of memory the kernels are given at most; the compiler is told the same. */
export const MAX_MEMORY_BYTES = 2 ** 30;

/**
 * Kernels on memory with the arena's contents: those of `before`, whose owner no longer needs them, where their memory is large enough, else
 * new ones in their place. Throws a RangeError where there is not as much memory.
 */
export function kernelsOn(arena: Arena, threads: number, before?: Kernels): Kernels {
  if (before && before.buffer.byteLength >= arena.bytes) {
    new Uint8Array(before.buffer, 0, arena.bytes).fill(0);
    arena.fill(before.buffer);
    return before;
  }
  before?.close();
  const made = instantiate(arena.bytes, threads);
  arena.fill(made.buffer);
  return made;
}

function instantiate(bytes: number, threads: number): Kernels {
  const { buffer, ...loaded } = sharedModule(KERNEL_HEX, bytes);
  const team = openTeam({
    ...loaded,
    ...{ threads, name: 'espalier step' },
    jobs: JOBS.map((_, job) =>
      Array.from({ length: PARTS_OF_JOB - 1 }, (__, part) => ['runPart', job * PARTS_OF_JOB + part] as const),
    ),
    failed: (problem, cause) => engineError('ENGINE_RUN', { call: 'step', problem }, { cause }),
  });
  return {
    buffer,
    run: (job, parts) => team.run(JOBS.indexOf(job), { threads, parts }),
    close: () => team.close(),
  };
}
