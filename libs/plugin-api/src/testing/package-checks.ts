/** What a plugin says of itself, and whether its package.json says the same. */
import { nearestName } from '@espalier/base';
import {
  CONTRIBUTION_KINDS,
  HOST_VERSION,
  definePlugin,
  type Contributions,
  type Plugin,
} from '../define-plugin';
import { checksOf, wrong, type Check } from './check';
import { isInRange } from './host-range';

const PLUGIN_FIELDS = ['name', 'version', 'host', 'description', ...Object.keys(CONTRIBUTION_KINDS)];
const COMMON_FIELDS = ['description', 'options'];
const FIELDS: Readonly<Record<Contributions, readonly string[]>> = {
  criteria: ['needs', 'score'],
  granularities: ['groupCount', 'groupsOf', 'pattern'],
  schedules: ['completion'],
  codecs: ['encode', 'decode', 'lossless'],
  quantizers: ['quantize'],
  regrowths: ['needs', 'regrow'],
  observers: ['events', 'observe'],
};

export type PackageJson = Readonly<Record<string, unknown>>;

export function packageChecks(plugin: unknown, packageJson?: PackageJson): Check[] {
  const checks: Check[] = [];
  const add = checksOf('plugin', checks);
  const { name, version, host } = (plugin ?? {}) as Partial<Plugin>;
  add('is well defined', 'Export by default what `definePlugin({ ... })` gives.', () => {
    if (typeof plugin !== 'object' || plugin === null)
      wrong(`it is ${plugin === null ? 'null' : typeof plugin}`);
    definePlugin(plugin as Plugin);
  });
  add('has no field that nobody reads', 'Correct its name, or take it out.', () => {
    requireKnown('the plugin', plugin as object, PLUGIN_FIELDS);
    for (const kind of Object.keys(FIELDS) as Contributions[]) {
      for (const [key, contribution] of Object.entries((plugin as Plugin)[kind] ?? {})) {
        const known = [...COMMON_FIELDS, ...FIELDS[kind]];
        requireKnown(`${CONTRIBUTION_KINDS[kind]} "${key}"`, contribution as unknown as object, known);
      }
    }
  });
  add(
    'was made for this version of the contracts',
    `Write host: '^${HOST_VERSION}', once it passes all other checks.`,
    () => {
      const fits = isInRange(HOST_VERSION, String(host));
      if (fits === undefined) wrong(`the range "${host}" is none that this kit understands`);
      if (!fits) wrong(`it is made for ${host}, and this is ${HOST_VERSION}`);
    },
  );
  if (packageJson) {
    add('agrees with its package.json', 'Name and version stand in both, and must be the same.', () => {
      for (const [field, own] of [
        ['name', name],
        ['version', version],
      ] as const) {
        const there = packageJson[field];
        if (there !== own) wrong(`its ${field} is "${own}", but in package.json it is "${String(there)}"`);
      }
    });
  }
  return checks;
}

function requireKnown(of: string, has: object, known: readonly string[]): void {
  const unknown = Object.keys(has).find((field) => !known.includes(field));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  wrong(
    `${of} has a field "${unknown}"${near ? `; did you mean "${near}"?` : `; there are ${known.join(', ')}`}`,
  );
}
