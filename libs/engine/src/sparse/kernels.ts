/** The inner loops as WebAssembly, compiled from `assembly/`, on a memory that threads may share; and the threads. */
import { openTeam, type Team } from '@espalier/threads';
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
const PAGE_BYTES = 65536;

/** The little of the WebAssembly interface that is used: TypeScript knows it only together with a whole browser. */
interface WasmInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => { readonly buffer: ArrayBufferLike };
}

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
  const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: WasmInterface };
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const memory = new wasm.Memory({ initial: pages, maximum: pages, shared: true });
  const module = new wasm.Module(Buffer.from(KERNEL_HEX, 'hex'));
  const imports = { env: { memory } };
  const { exports } = new wasm.Instance(module, imports);
  const team: Team = openTeam({
    ...{ threads, name: 'espalier step', module, imports, exports },
    jobs: JOBS.map((_, job) =>
      Array.from({ length: PARTS_OF_JOB - 1 }, (__, part) => ['runPart', job * PARTS_OF_JOB + part] as const),
    ),
    failed: (problem, cause) => engineError('ENGINE_RUN', { call: 'step', problem }, { cause }),
  });
  return {
    buffer: memory.buffer,
    run: (job, parts) => team.run(JOBS.indexOf(job), { threads, parts }),
    close: () => team.close(),
  };
}
