/** The mixing coder's inner loops as WebAssembly: compiled from `assembly/` and carried as text, so that a bundle is one file. */
import { KERNEL_HEX } from './kernel-hex';

/** The little of the WebAssembly interface that is used: TypeScript knows it only together with a whole browser. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WasmInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { readonly initial: number }) => WasmMemory;
}

export interface KernelExports {
  /** Who survived: codes become 0 and 1 where they are decoded. */
  codeMap(): void;
  /** With what values: codes become what they are. */
  codeValues(): void;
}

export interface KernelPlatform {
  /** Memory of at least so many bytes, all zero. Throws where there is not as much. */
  memory(bytes: number): WasmMemory;
  instantiate(memory: WasmMemory): KernelExports;
}

export const PAGE_BYTES = 65536;

/** Undefined where there is no WebAssembly with SIMD, or where a page's security policy forbids it. */
export function kernelPlatform(): KernelPlatform | undefined {
  const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly?: WasmInterface };
  if (!wasm) return undefined;
  try {
    const module = new wasm.Module(bytesOfHex(KERNEL_HEX));
    return {
      memory: (bytes) => new wasm.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) }),
      instantiate: (memory) => new wasm.Instance(module, { env: { memory } }).exports as KernelExports,
    };
  } catch {
    // The plain code does the same, only slower.
    return undefined;
  }
}

/** Hexadecimal, as that packs better than base64: a page loads a thousand bytes less. */
function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
