/** All checks that a plugin is due, in order: itself first, then each contribution with its options. */
import { CONTRIBUTION_KINDS, definePlugin, type Contributions, type Plugin } from '../define-plugin';
import type { OptionsSchema } from '../options';
import type { Check } from './check';
import { codecChecks } from './codec-checks';
import { criterionChecks } from './criterion-checks';
import { COST } from './measure-cost';
import { granularityChecks } from './granularity-checks';
import { observerChecks } from './observer-checks';
import { optionsChecks } from './options-checks';
import { packageChecks, type PackageJson } from './package-checks';
import { quantizerChecks } from './quantizer-checks';
import { regrowthChecks } from './regrowth-checks';
import { scheduleChecks } from './schedule-checks';

export interface PlanOptions {
  /** Of all fuzzed tensors. Default: 1. */
  readonly seed?: number;
  /** Of the plugin's package; what it says is then compared. */
  readonly packageJson?: PackageJson;
  /** Leave out how cost grows: of a plugin in another process, only its host could tell. Default: false. */
  readonly withoutCost?: boolean;
}

type Kinds = { readonly [K in Contributions]: NonNullable<Plugin[K]>[string] };
const CHECKS: {
  readonly [K in Contributions]: (name: string, definition: Kinds[K], seed: number) => Check[];
} = {
  criteria: criterionChecks,
  granularities: granularityChecks,
  schedules: scheduleChecks,
  codecs: codecChecks,
  quantizers: quantizerChecks,
  regrowths: regrowthChecks,
  observers: observerChecks,
};

/** What is not well defined cannot be tried: then there are only the checks of the plugin itself. */
export function planChecks(
  plugin: unknown,
  { seed = 1, packageJson, withoutCost = false }: PlanOptions = {},
): Check[] {
  const own = packageChecks(plugin, packageJson);
  if (!isWellDefined(plugin)) return own.slice(0, 1);
  const kinds = Object.keys(CHECKS) as Contributions[];
  const all = [...own, ...kinds.flatMap((kind) => checksOfKind(plugin, kind, seed))];
  return withoutCost ? all.filter(({ name }) => name !== COST) : all;
}

function checksOfKind<K extends Contributions>(plugin: Plugin, kind: K, seed: number): Check[] {
  const definitions = (plugin[kind] ?? {}) as Readonly<Record<string, Kinds[K]>>;
  return Object.entries(definitions).flatMap(([name, definition]) => {
    const options = definition.options as OptionsSchema | undefined;
    return [
      ...(options ? optionsChecks(`${CONTRIBUTION_KINDS[kind]} "${name}"`, options) : []),
      ...CHECKS[kind](name, definition, seed),
    ];
  });
}

function isWellDefined(plugin: unknown): plugin is Plugin {
  try {
    definePlugin(plugin as Plugin);
    return true;
  } catch {
    return false;
  }
}
