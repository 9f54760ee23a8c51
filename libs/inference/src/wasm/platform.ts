/** The little of the WebAssembly interface that is used: TypeScript knows it only together with a whole browser. */
import { Locals, f32x4, i32 } from './code';
import { ModuleBuilder } from './module-builder';

interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export interface WasmPlatform {
  instantiate(bytes: Uint8Array): Promise<{ readonly instance: WasmInstance }>;
}

/** WebAssembly with SIMD; undefined where there is none, or where a page's security policy forbids it. */
export async function wasmPlatform(): Promise<WasmPlatform | undefined> {
  const { WebAssembly } = globalThis as unknown as { WebAssembly?: WasmPlatform };
  const probe = new ModuleBuilder();
  probe.add('probe', new Locals(), f32x4.store(i32.const(0), f32x4.zero));
  try {
    await WebAssembly?.instantiate(probe.bytes(1));
    return WebAssembly;
  } catch {
    return undefined;
  }
}
