/** A WebAssembly module of functions without parameters over one memory, which it imports: threads may share it. */
import { unsigned, type Code, type Locals } from './code';

export const PAGE_BYTES = 65536;

const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const KIND = { function: 0, memory: 2 } as const;
const LIMITS = { own: 1, shared: 3 } as const;
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** Module and name under which the memory is imported. */
export const MEMORY_IMPORT = 'm';

export class ModuleBuilder {
  private readonly functions: { readonly name: string; readonly body: Code }[] = [];

  /** Adds a function () -> () that is exported as `name`. */
  add(name: string, locals: Locals, code: Code): void {
    this.functions.push({ name, body: [...locals.declaration(), ...code, 0x0b] });
  }

  /** The memory has just so many pages. */
  bytes(pages: number, shared = false): Uint8Array {
    const name = text(MEMORY_IMPORT);
    const limits = [shared ? LIMITS.shared : LIMITS.own, ...unsigned(pages), ...unsigned(pages)];
    return Uint8Array.from([
      ...MAGIC_AND_VERSION,
      ...section(SECTION.type, [[0x60, 0, 0]]),
      ...section(SECTION.import, [[...name, ...name, KIND.memory, ...limits]]),
      ...section(
        SECTION.function,
        this.functions.map(() => [0]),
      ),
      ...section(
        SECTION.export,
        this.functions.map(({ name }, i) => [...text(name), KIND.function, ...unsigned(i)]),
      ),
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
