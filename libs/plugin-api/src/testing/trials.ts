/** A layer (or whatever the body needs) with one choice of options. */
import { defaultsOf, type OptionsSchema, type OptionValues } from '../options';
import { isFinding } from './check';
import { describeCase } from './compare';
import { optionVariations } from './option-variations';
import type { WeightCase } from './weight-cases';

export interface Trial {
  readonly layer: WeightCase;
  readonly options: OptionValues;
  /** For messages. */
  readonly where: string;
  readonly isDefault: boolean;
}

/** Every layer with every variation of the options. */
export function trialsOf(schema: OptionsSchema | undefined, layers: readonly WeightCase[]): Trial[] {
  return optionVariations(schema).flatMap((options, i) =>
    layers.map((layer) => ({
      layer,
      options: Object.freeze(options),
      where: describeCase({ ...layer, options }),
      isDefault: i === 0,
    })),
  );
}

export function defaultTrial(schema: OptionsSchema | undefined, layer: WeightCase): Trial {
  return { layer, options: Object.freeze(defaultsOf(schema ?? {})), where: layer.what, isDefault: true };
}

/**
 * Options may be refused together, such as 4 of 2: a plain Error for options that are not the defaults is such an answer. A
 * TypeError, RangeError or ReferenceError is a mistake.
 */
export async function forEachTrial<T extends { readonly isDefault: boolean; readonly where: string }>(
  trials: readonly T[],
  body: (trial: T) => void | Promise<void>,
): Promise<void> {
  for (const trial of trials) {
    try {
      await body(trial);
    } catch (error) {
      if (isFinding(error)) throw error;
      if (trial.isDefault || !isRefusal(error))
        throw new Error(`${String((error as Error)?.message ?? error)} (${trial.where})`, { cause: error });
    }
  }
}

/** By name: an error may come from another realm, and has its own class in Espalier. */
function isRefusal(error: unknown): boolean {
  const { name } = (error ?? {}) as { readonly name?: unknown };
  return name === 'Error' || name === 'EspalierError';
}
