/** What a criterion is called with: what it declared, and nothing else. */
import { Random } from '@espalier/base';
import { CRITERION_NEEDS, type CriterionDefinition, type CriterionNeed, type ScoreInput } from '../criterion';
import type { OptionValues } from '../options';
import { insideLargerBuffer } from './compare';
import { inputsOf, normals, type WeightCase } from './weight-cases';

type Delivered = Partial<Omit<ScoreInput, 'name' | 'shape' | 'random' | 'options'>>;

const DELIVERIES: Readonly<Record<CriterionNeed, (layer: WeightCase, random: Random) => Delivered>> = {
  weights: ({ weights }) => ({ weights: weights.slice() }),
  gradients: ({ weights, gradientScale }, random) => ({
    gradients: normals(weights.length, gradientScale, random),
  }),
  unitTaylor: ({ shape, gradientScale }, random) => ({
    unitTaylor: normals(shape.at(-1) ?? 1, gradientScale, random).map((sum) => sum * sum),
  }),
  previousMask: ({ mask }) => (mask ? { previousMask: mask.clone() } : {}),
  firstMoment: ({ weights, gradientScale }, random) => ({
    firstMoment: normals(weights.length, gradientScale, random),
  }),
  secondMoment: ({ weights, gradientScale }, random) => ({
    secondMoment: normals(weights.length, gradientScale, random).map((moment) => moment * moment),
  }),
  inputNorms: ({ shape, gradientScale }, random) => ({
    inputNorms: normals(inputsOf(shape), gradientScale, random).map(Math.abs),
  }),
};

export interface InputSettings {
  readonly options: OptionValues;
  readonly seed: number;
  /** Tensors as views into larger buffers. */
  readonly views?: boolean;
}

/** The same numbers, in fresh arrays, at each call with the same arguments. */
export function scoreInput(
  { needs }: Pick<CriterionDefinition, 'needs'>,
  layer: WeightCase,
  { options, seed, views = false }: InputSettings,
): ScoreInput<OptionValues> {
  const random = new Random(seed, `${layer.shape.join()} ${layer.what}`);
  const given = Object.assign(
    {},
    ...CRITERION_NEEDS.filter((need) => need === 'weights' || needs.includes(need)).map((need) =>
      DELIVERIES[need](layer, random.fork(need)),
    ),
  ) as Delivered & { readonly weights: Float32Array };
  const placed = views
    ? Object.fromEntries(
        Object.entries(given).map(([need, value]) => [
          need,
          value instanceof Float32Array ? insideLargerBuffer(value) : value,
        ]),
      )
    : given;
  const common = {
    name: 'fc1/kernel',
    shape: Object.freeze([...layer.shape]),
    random: random.fork('random'),
  };
  return { ...given, ...placed, ...common, options: Object.freeze({ ...options }) };
}

/** Says in `read` which of the tensors that a plugin could ask for it looks at. */
export function watched<T extends object>(input: T, read: Set<string>): T {
  return new Proxy(input, {
    get(target, key, receiver) {
      if (typeof key === 'string') read.add(key);
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
}
