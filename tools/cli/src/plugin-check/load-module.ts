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
  // TypeScript is compiled as it is required: see bin/source.cjs.
  const exported = /\.[cm]?ts$/.test(file)
    ? { default: createRequire(file)(file) as unknown }
    : ((await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>);
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
