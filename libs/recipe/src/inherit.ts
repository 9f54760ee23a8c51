/**
 * What a section says holds for the sections after it: retrain and prune.units.retrain start from train, share.retrain from retrain. It is done
 * on the document as it was written, before defaults are filled in, so that a default never hides what was said.
 */
import { trainingFields } from './train-schema';

type Map = Readonly<Record<string, unknown>>;

const TRAINING_KEYS = Object.keys(trainingFields);

/** A copy of a checked document in which nothing is said by another section any more. */
export function withInherited(document: Map): Map {
  const { train, prune, retrain, share } = document as Record<
    'train' | 'prune' | 'retrain' | 'share',
    Map | undefined
  >;
  const fullRetrain = retrain && inherit(retrain, train, TRAINING_KEYS);
  const above = fullRetrain ?? train;
  const units = prune?.['units'] as Map | undefined;
  const centroids = share?.['retrain'] as Map | undefined;
  return {
    ...document,
    ...(fullRetrain && { retrain: fullRetrain }),
    ...(prune &&
      units && {
        prune: {
          ...prune,
          units: { ...units, retrain: inherit(units['retrain'] as Map, train, TRAINING_KEYS) },
        },
      }),
    ...(share &&
      centroids && {
        share: { ...share, retrain: inherit(centroids, above, [...TRAINING_KEYS, 'distill']) },
      }),
  };
}

function inherit(section: Map, above: Map | undefined, keys: readonly string[]): Map {
  if (!above) return section;
  const given = Object.fromEntries(keys.filter((key) => key in above).map((key) => [key, above[key]]));
  const augment =
    isMap(above['augment']) && isMap(section['augment'])
      ? { augment: { ...above['augment'], ...section['augment'] } }
      : {};
  return { ...given, ...section, ...augment };
}

function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
