/** Loads a plugin's module in this process, as its host would in one of the plugin's own. */
import Module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What a plugin may use of ours without having it installed. */
const LENT = /^(@espalier\/(plugin-api|base|tensor)(\/.*)?|rxjs)$/;

interface Loader {
  _resolveFilename(request: string, ...rest: unknown[]): string;
}

/** The default export, whatever it is: the kit says what is wrong with it. */
export async function loadModule(file: string): Promise<unknown> {
  lendOurs(Module as unknown as Loader);
  const exported = await exportsOf(file);
  // A CommonJS module is the default export of itself; one that was compiled from `export default` has another inside.
  const outer = exported['default'] as Readonly<Record<string, unknown>> | undefined;
  const candidates = [
    outer?.['default'],
    outer?.['plugin'],
    outer,
    (exported as { plugin?: unknown }).plugin,
  ];
  return candidates.find((it) => typeof (it as { name?: unknown } | undefined)?.name === 'string') ?? outer;
}

/**
 * `require` first, for ES modules and TypeScript too, which bin/source.cjs compiles: so they get what is lent. What cannot be compiled to
 * CommonJS (a top-level `await`) is imported, and must have everything installed.
 */
async function exportsOf(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const exports = createRequire(file)(file) as unknown;
    return { default: exports };
  } catch (error) {
    if (!/top-level await|require\(\) of ES Module|ERR_REQUIRE/i.test(String(error))) throw error;
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  }
}

function lendOurs(loader: Loader): void {
  const resolveFilename = loader._resolveFilename;
  loader._resolveFilename = function lent(request, ...rest) {
    try {
      return resolveFilename.call(this, request, ...rest);
    } catch (error) {
      if (LENT.test(request)) return resolveFilename.call(this, request, module, false);
      throw error;
    }
  };
}
