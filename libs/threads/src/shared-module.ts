/** A module that tools/assembly compiled, on memory that threads share. */

export interface SharedModule {
  readonly buffer: ArrayBufferLike;
  /** For `openTeam`. */
  readonly module: object;
  readonly imports: object;
  readonly exports: Readonly<Record<string, unknown>>;
}

const PAGE_BYTES = 65536;

/** The little of the WebAssembly interface that is used: TypeScript knows it only together with a whole browser. */
interface WasmInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => Pick<SharedModule, 'exports'>;
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => Pick<SharedModule, 'buffer'>;
}

/** `hex`: the module; `bytes`: of memory, all 0. Throws a RangeError where there is not as much memory. */
export function sharedModule(hex: string, bytes: number): SharedModule {
  const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: WasmInterface };
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const memory = new wasm.Memory({ initial: pages, maximum: pages, shared: true });
  const module = new wasm.Module(Buffer.from(hex, 'hex'));
  const imports = { env: { memory } };
  const { exports } = new wasm.Instance(module, imports);
  return { buffer: memory.buffer, module, imports, exports };
}
