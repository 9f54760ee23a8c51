/** A plugin: a name, a version, the host that it was made for, and what it contributes. */
import { pluginError } from './errors';
import { CRITERION_NEEDS, type CriterionDefinition } from './criterion';
import type { CodecDefinition } from './codec';
import type { GranularityDefinition } from './granularity';
import type { ObserverDefinition } from './observer';
import { readOptions, type OptionsSchema } from './options';
import type { QuantizerDefinition } from './quantizer';
import { REGROWTH_NEEDS, type RegrowthDefinition } from './regrowth';
import type { ScheduleDefinition } from './schedule';

/** Version of these contracts; a plugin says with `host` (a semver range) which of them it was made for. */
export const HOST_VERSION = '1.0.0';

/** In the plural, as `definePlugin` takes them, and what one of each is called. */
export const CONTRIBUTION_KINDS = {
  criteria: 'criterion',
  granularities: 'granularity',
  schedules: 'schedule',
  codecs: 'codec',
  quantizers: 'quantizer',
  regrowths: 'regrowth',
  observers: 'observer',
} as const;
export type Contributions = keyof typeof CONTRIBUTION_KINDS;
export type ContributionKind = (typeof CONTRIBUTION_KINDS)[Contributions];

/* Options differ between entries of one map: each entry's own are checked where it is written, by `defineCriterion` and the like. */
/* eslint-disable @typescript-eslint/no-explicit-any */
export interface PluginDefinition {
  /** The package's name: lower case, digits, `-`, with an npm scope or without. */
  readonly name: string;
  /** Semver. Due for a rise whenever numbers change: results of other versions are not used again. */
  readonly version: string;
  /** Semver range of HOST_VERSION, such as `^1.0.0`. */
  readonly host: string;
  readonly description?: string;
  readonly criteria?: Readonly<Record<string, CriterionDefinition<any>>>;
  readonly granularities?: Readonly<Record<string, GranularityDefinition<any>>>;
  readonly schedules?: Readonly<Record<string, ScheduleDefinition<any>>>;
  readonly codecs?: Readonly<Record<string, CodecDefinition<any>>>;
  readonly quantizers?: Readonly<Record<string, QuantizerDefinition<any>>>;
  readonly regrowths?: Readonly<Record<string, RegrowthDefinition<any>>>;
  readonly observers?: Readonly<Record<string, ObserverDefinition<any>>>;
}
/* eslint-enable @typescript-eslint/no-explicit-any */

export type Plugin = PluginDefinition;

const PLUGIN_NAME = /^(@[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9.-]*$/;
const CONTRIBUTION_NAME = /^[a-z][a-z0-9-]*$/;
const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** What it is of each contribution that makes it one. */
const METHODS: Readonly<Record<Contributions, readonly string[]>> = {
  criteria: ['score'],
  granularities: ['groupCount', 'groupsOf'],
  schedules: ['completion'],
  codecs: ['encode', 'decode'],
  quantizers: ['quantize'],
  regrowths: ['regrow'],
  observers: ['observe'],
};

const NEEDS: Readonly<Partial<Record<Contributions, readonly string[]>>> = {
  criteria: CRITERION_NEEDS,
  regrowths: REGROWTH_NEEDS,
};

/**
 * Checks the definition and gives it back.
 * @throws PLUGIN_DEFINITION with what is wrong
 */
export function definePlugin(definition: PluginDefinition): Plugin {
  const { name, version, host } = definition;
  const wrong = (problem: string): Error =>
    pluginError('PLUGIN_DEFINITION', { plugin: String(name), problem });
  if (typeof name !== 'string' || !PLUGIN_NAME.test(name)) {
    throw wrong('its "name" must be a package name in lower case, such as "espalier-plugin-mine"');
  }
  if (typeof version !== 'string' || !VERSION.test(version)) {
    throw wrong('its "version" must be a semantic version, such as "1.0.0"');
  }
  if (typeof host !== 'string' || host.trim() === '') {
    throw wrong(
      `its "host" must be the range of host versions that it was made for, such as "^${HOST_VERSION}"`,
    );
  }
  const kinds = Object.keys(CONTRIBUTION_KINDS) as Contributions[];
  if (kinds.every((kind) => Object.keys(definition[kind] ?? {}).length === 0)) {
    throw wrong(`it contributes nothing; give it at least one of ${kinds.join(', ')}`);
  }
  for (const kind of kinds) {
    for (const [key, contribution] of Object.entries(definition[kind] ?? {})) {
      const problem = whatIsWrong(kind, key, contribution as unknown as Contribution);
      if (problem) throw wrong(`its ${CONTRIBUTION_KINDS[kind]} "${key}" ${problem}`);
    }
  }
  return definition;
}

interface Contribution {
  readonly needs?: unknown;
  readonly options?: OptionsSchema;
  readonly [method: string]: unknown;
}

function whatIsWrong(kind: Contributions, key: string, contribution: Contribution): string | undefined {
  if (!CONTRIBUTION_NAME.test(key)) return 'needs a name of lower-case letters, digits and "-"';
  const missing = METHODS[kind].find((method) => typeof contribution[method] !== 'function');
  if (missing) return `has no function "${missing}"`;
  const known = NEEDS[kind];
  if (known) {
    if (!Array.isArray(contribution.needs)) return `must say what it needs, such as needs: ['${known[0]}']`;
    const unknown = (contribution.needs as unknown[]).find((need) => !known.includes(need as string));
    if (unknown !== undefined) return `needs "${String(unknown)}", but there are only ${known.join(', ')}`;
  }
  for (const [option, schema] of Object.entries(contribution.options ?? {})) {
    try {
      readOptions({ [option]: schema }, { [option]: schema.default }, 'it');
    } catch (error) {
      return `has an option whose default does not fit: ${(error as Error).message}`;
    }
  }
  return undefined;
}

/** A criterion with its options' types known inside `score`. */
export function defineCriterion<const S extends OptionsSchema>(
  definition: CriterionDefinition<S>,
): CriterionDefinition<S> {
  return definition;
}
