/** The inner loops as WebAssembly: compiled from `assembly/`, which says what each does. Addresses and sizes are in bytes. */
import { PAGE_BYTES, type Arena } from './arena';
import { KERNEL_HEX } from './kernel-hex';

type Loop = (...numbers: number[]) => void;

export interface Kernels {
  readonly gather: Loop;
  readonly scatter: Loop;
  readonly correlate: Loop;
  readonly sumOver: Loop;
  readonly maxPool: Loop;
  readonly maxPoolBack: Loop;
  readonly relu: Loop;
  readonly reluBack: Loop;
  readonly multiplyPixels: Loop;
  readonly copyPixels: Loop;
  readonly momentum: Loop;
  readonly adam: Loop;
  readonly penalise: (...numbers: number[]) => number;
  readonly transposeBytes: Loop;
  readonly transposeFloats: Loop;
  readonly dropoutFactors: Loop;
}

export interface KernelMemory {
  readonly kernels: Kernels;
  readonly buffer: ArrayBuffer;
}

/** The little of the WebAssembly interface that is used: TypeScript knows it only together with a whole browser. */
interface WasmInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
}

/** How many bytes of memory the kernels are given at most. */
export const MAX_MEMORY_BYTES = 2 ** 30;

/**
 * Memory with the arena's contents, and the kernels on it: that of `before`, whose owner no longer needs it, where it is large enough (V8
 * takes gigabytes of addresses for each memory, and frees them late). Throws a RangeError where there is not as much memory.
 */
export function kernelsOn(arena: Arena, before?: KernelMemory): KernelMemory {
  const memory = before && before.buffer.byteLength >= arena.bytes ? before : instantiate(arena.bytes);
  if (memory === before) new Uint8Array(memory.buffer, 0, arena.bytes).fill(0);
  arena.fill(memory.buffer);
  return memory;
}

function instantiate(bytes: number): KernelMemory {
  const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: WasmInterface };
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const memory = new wasm.Memory({ initial: pages, maximum: pages });
  const module = new wasm.Module(Buffer.from(KERNEL_HEX, 'hex'));
  const { exports } = new wasm.Instance(module, { env: { memory } });
  return { kernels: exports as Kernels, buffer: memory.buffer };
}
