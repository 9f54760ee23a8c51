/** The little of the WebAssembly interface that is used: TypeScript knows it only together with a whole browser. */
import { Locals, f32x4, i32 } from './code';
import { MEMORY_IMPORT, ModuleBuilder } from './module-builder';

/** As the language has it; a module is an object that is handed on. */
export interface WebAssemblyInterface {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared?: boolean;
  }) => WasmMemory;
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: WasmExports }>;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export type WasmExports = Readonly<Record<string, unknown>>;

export interface WasmPlatform {
  /** Is the memory of its modules one that threads share? */
  readonly shared?: boolean;
  /** A module of `ModuleBuilder`, with a memory of that many pages. */
  instantiate(
    bytes: Uint8Array,
    pages: number,
  ): Promise<{ readonly exports: WasmExports; readonly memory: WasmMemory }>;
}

/** WebAssembly with SIMD; undefined where there is none, or where a page's security policy forbids it. */
export async function wasmPlatform(): Promise<WasmPlatform | undefined> {
  const wasm = webAssembly();
  const probe = new ModuleBuilder();
  probe.add('probe', new Locals(), f32x4.store(i32.const(0), f32x4.zero));
  try {
    await wasm.compile(probe.bytes(1));
  } catch {
    return undefined;
  }
  return {
    async instantiate(bytes, pages) {
      const memory = new wasm.Memory({ initial: pages, maximum: pages });
      const { exports } = await wasm.instantiate(await wasm.compile(bytes), importing(memory));
      return { exports, memory };
    },
  };
}

export function webAssembly(): WebAssemblyInterface {
  return (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;
}

/** What a module imports. */
export function importing(memory: WasmMemory): object {
  return { [MEMORY_IMPORT]: { [MEMORY_IMPORT]: memory } };
}
