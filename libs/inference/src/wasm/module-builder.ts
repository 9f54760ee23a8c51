/** A WebAssembly module of functions without parameters over one exported memory. */
import { unsigned, type Code, type Locals } from './code';

export const PAGE_BYTES = 65536;

const SECTION = { type: 1, function: 3, memory: 5, export: 7, code: 10 } as const;
const EXPORT = { function: 0, memory: 2 } as const;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** Under which the memory is exported. */
export const MEMORY_EXPORT = 'memory';

export class ModuleBuilder {
  private readonly functions: { readonly name: string; readonly body: Code }[] = [];

  /** Adds a function () -> () that is exported as `name`. */
  add(name: string, locals: Locals, code: Code): void {
    this.functions.push({ name, body: [...locals.declaration(), ...code, 0x0b] });
  }

  bytes(pages: number): Uint8Array {
    const exports = [
      [...text(MEMORY_EXPORT), EXPORT.memory, 0],
      ...this.functions.map(({ name }, i) => [...text(name), EXPORT.function, ...unsigned(i)]),
    ];
    return Uint8Array.from([
      ...MAGIC_AND_VERSION,
      ...section(SECTION.type, [[0x60, 0, 0]]),
      ...section(
        SECTION.function,
        this.functions.map(() => [0]),
      ),
      ...section(SECTION.memory, [[0, ...unsigned(pages)]]),
      ...section(SECTION.export, exports),
      ...section(
        SECTION.code,
        this.functions.map(({ body }) => sized(body)),
      ),
    ]);
  }
}

function section(id: number, items: readonly Code[]): Code {
  return [id, ...sized([...unsigned(items.length), ...items.flat()])];
}

function sized(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes];
}

function text(value: string): Code {
  return sized([...new TextEncoder().encode(value)]);
}
