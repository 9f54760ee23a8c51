/**
 * Who scores: the criterion of a config, and its fallback when that one's plugin fails for good. What a plugin's contributions
 * throw, or answer wrongly, is one error here; nothing of a round that it spoilt is kept.
 */
import { errorCode, errorMessage, type JsonValue } from '@espalier/base';
import type {
  ContributionKind,
  ContributionRef,
  Criterion,
  Granularity,
  OptionValues,
  Regrowth,
  StagePlugins,
} from '@espalier/plugin-api';
import { requireScores } from '@espalier/pruning';
import type { CriterionConfig } from './config';
import { stagesError } from './errors';
import { referenceIn } from './plugins';

/** Which criterion scored, to the byte, as it stands in a stage's metrics. */
export interface ScoredBy {
  readonly criterion: string;
  /** Those that are not its defaults. */
  readonly options?: OptionValues;
  /** The plugin's name, or `built-in`. */
  readonly plugin: string;
  readonly version?: string;
  readonly digest?: string;
  /** It stood in for a plugin that failed, and that says how. */
  readonly fallback?: true;
  readonly failure?: string;
}

export interface Pruners {
  readonly criterion: Criterion;
  readonly granularity: Granularity;
  readonly regrowth?: Regrowth;
}

export interface Scored<T> {
  readonly value: T;
  readonly scoredBy: ScoredBy;
}

/** What prunes, as a config names it, with this criterion. @throws PLUGIN_FAILED */
export async function prunersOf(
  config: Pick<CriterionConfig, 'granularity' | 'regrowth'>,
  criterion: ContributionRef,
  plugins: StagePlugins,
): Promise<Pruners> {
  const granularity = referenceIn(config.granularity);
  const { regrowth } = config;
  return {
    criterion: await guard('criterion', criterion, async () =>
      guardedCriterion(criterion, await plugins.criterion(criterion)),
    ),
    granularity: await guard('granularity', granularity, async () =>
      guardedGranularity(granularity, await plugins.granularity(granularity)),
    ),
    ...(regrowth && {
      regrowth: await guard('regrowth', regrowth, async () =>
        guardedRegrowth(regrowth, await plugins.regrowth(regrowth)),
      ),
    }),
  };
}

/**
 * What `prune` makes with the config's criterion, or, when its plugin fails, from the beginning with the fallback.
 * @throws PLUGIN_FAILED without one
 */
export async function scoredWith<T>(
  config: CriterionConfig,
  plugins: StagePlugins,
  prune: (pruners: Pruners) => Promise<T>,
): Promise<Scored<T>> {
  const first = referenceIn(config.criterion, config.criterionOptions);
  try {
    return { value: await prune(await prunersOf(config, first, plugins)), scoredBy: scoredBy(first) };
  } catch (error) {
    const { fallback } = config;
    if (!fallback || !criterionFailed(error)) throw error;
    const value = await prune(await prunersOf(config, fallback, plugins));
    return { value, scoredBy: { ...scoredBy(fallback), fallback: true, failure: errorMessage(error) } };
  }
}

export function scoredBy({ name, options, plugin }: ContributionRef): ScoredBy {
  const said = { criterion: name, ...(Object.keys(options).length > 0 && { options }) };
  if (!plugin) return { ...said, plugin: 'built-in' };
  const { name: from, version, digest } = plugin;
  return { ...said, plugin: from, version, digest };
}

/** Which plugin, to the byte, as it stands in a stage's metrics; nothing for one of ours. */
export function pluginFacts({ plugin }: ContributionRef): {
  readonly plugin?: string;
  readonly version?: string;
  readonly digest?: string;
} {
  return plugin ? { plugin: plugin.name, version: plugin.version, digest: plugin.digest } : {};
}

/** Did the plugin of a criterion fail, so that a fallback may stand in? */
export function criterionFailed(error: unknown): boolean {
  if (errorCode(error) !== 'PLUGIN_FAILED') return false;
  return (error as { details?: { kind?: unknown } }).details?.kind === 'criterion';
}

/** Did a fallback stand in? Then the result is not what its spec promises, and is no one else's. */
export function usedFallback(metrics: { readonly [key: string]: JsonValue | undefined }): boolean {
  const told = metrics['scoredBy'];
  const all = (Array.isArray(told) ? told : [told]) as readonly (Partial<ScoredBy> | null | undefined)[];
  return all.some((each) => each?.failure !== undefined);
}

/** Ours fail by their own errors: those are defects, and no fallback hides them. */
export async function guard<T>(
  kind: ContributionKind,
  { name, plugin }: ContributionRef,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (!plugin || errorCode(cause) === 'PLUGIN_FAILED') throw cause;
    const details = { kind, name, plugin: plugin.name, version: plugin.version };
    throw stagesError('PLUGIN_FAILED', { ...details, problem: errorMessage(cause) }, { cause });
  }
}

function guardedCriterion(ref: ContributionRef, criterion: Criterion): Criterion {
  if (!ref.plugin) return criterion;
  return {
    ...criterion,
    score: (input) =>
      guard('criterion', ref, async () => {
        const scores = await criterion.score(input);
        requireScores(scores, { criterion: ref.name, layer: input.name, shape: input.shape });
        return scores;
      }),
  };
}

function guardedGranularity(ref: ContributionRef, granularity: Granularity): Granularity {
  if (!ref.plugin) return granularity;
  const { name, version, pattern } = granularity;
  const guarded = <T>(act: () => T | Promise<T>): Promise<T> => guard('granularity', ref, async () => act());
  return {
    name,
    version,
    groupCount: (shape) => guarded(() => granularity.groupCount(shape)),
    groupsOf: (shape) => guarded(() => granularity.groupsOf(shape)),
    ...(pattern && { pattern: (shape) => guarded(() => pattern.call(granularity, shape)) }),
  };
}

function guardedRegrowth(ref: ContributionRef, regrowth: Regrowth): Regrowth {
  if (!ref.plugin) return regrowth;
  return { ...regrowth, regrow: (input) => guard('regrowth', ref, async () => regrowth.regrow(input)) };
}
