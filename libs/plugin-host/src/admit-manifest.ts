/** The part of admission that looks at what a plugin says: before any tensor moves. */
import {
  CONTRIBUTION_KINDS,
  HOST_VERSION,
  readOptions,
  type ContributionKind,
  type ContributionManifest,
  type PluginManifest,
} from '@espalier/plugin-api';
import { satisfies, valid, validRange } from 'semver';
import { pluginHostError } from './errors';

const KINDS: readonly string[] = Object.values(CONTRIBUTION_KINDS);
/** More than anybody needs, few enough to list. */
const MAX_CONTRIBUTIONS = 64;
const NAME = /^(@[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9.-]*$/;
const CONTRIBUTION_NAME = /^[a-z][a-z0-9-]*$/;

export interface ManifestExpectation {
  /** Default: `HOST_VERSION`. */
  readonly hostVersion?: string;
  readonly name?: string;
  readonly version?: string;
}

/** @throws PLUGIN_MANIFEST, PLUGIN_IDENTITY, PLUGIN_HOST_VERSION, PLUGIN_KIND */
export function admitManifest(manifest: PluginManifest, expected: ManifestExpectation = {}): void {
  const { name: plugin, version, host } = manifest;
  const wrong = (problem: string): Error => pluginHostError('PLUGIN_MANIFEST', { plugin, problem });
  if (!NAME.test(plugin)) throw wrong('its name is no package name in lower case');
  if (valid(version) === null) throw wrong(`its version "${version}" is no semantic version`);
  if (validRange(host) === null) throw wrong(`its host range "${host}" is no range of semantic versions`);
  const wanted = { name: expected.name ?? plugin, version: expected.version ?? version };
  if (wanted.name !== plugin || wanted.version !== version) {
    const [is, should] = [`${plugin} ${version}`, `${wanted.name} ${wanted.version}`];
    throw pluginHostError('PLUGIN_IDENTITY', { expected: should, actual: is });
  }
  const hostVersion = expected.hostVersion ?? HOST_VERSION;
  if (!satisfies(hostVersion, host, { includePrerelease: true })) {
    throw pluginHostError('PLUGIN_HOST_VERSION', { plugin, version, range: host, host: hostVersion });
  }
  const { contributions } = manifest;
  if (contributions.length === 0) throw wrong('it contributes nothing');
  if (contributions.length > MAX_CONTRIBUTIONS) throw wrong(`more than ${MAX_CONTRIBUTIONS} contributions`);
  const seen = new Set<string>();
  for (const contribution of contributions) {
    const { kind, name } = contribution;
    if (!KINDS.includes(kind)) {
      throw pluginHostError('PLUGIN_KIND', { plugin, kind, known: KINDS.join(', ') });
    }
    if (!CONTRIBUTION_NAME.test(name)) throw wrong(`the name of its ${kind} "${name}" is not valid`);
    const key = `${kind}/${name}`;
    if (seen.has(key)) throw wrong(`it has two ${kind} "${name}"`);
    seen.add(key);
    const problem = optionsProblem(contribution);
    if (problem) throw wrong(`its ${kind} "${name}" has an option whose default does not fit: ${problem}`);
  }
}

/** Defaults that do not fit would be refused at each use. */
function optionsProblem({ kind, name, options = {} }: ContributionManifest): string | undefined {
  try {
    for (const [option, schema] of Object.entries(options)) {
      readOptions(
        { [option]: schema },
        { [option]: schema.default },
        `${kind as ContributionKind} "${name}"`,
      );
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
