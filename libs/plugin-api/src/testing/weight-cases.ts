/** Layers to try a plugin on: every kind of shape, with the values on which scores and scales tend to break. */
import type { Random } from '@espalier/base';
import { Mask, sizeOf, type Shape } from '@espalier/tensor';

export interface WeightCase {
  /** For messages: `every weight 0, half of them removed`. */
  readonly what: string;
  /** dense [in, out], conv [kh, kw, in / groups, out] */
  readonly shape: Shape;
  /** Row-major; +0 where removed. */
  readonly weights: Float32Array;
  /** What was kept before; absent: nothing has been removed yet. */
  readonly mask?: Mask;
  readonly gradientScale: number;
}

/** One element, one unit, one input, sizes that nothing divides; dense and conv. */
export const SHAPES: readonly Shape[] = [
  [1, 1],
  [7, 5],
  [16, 1],
  [1, 13],
  [33, 10],
  [1, 1, 1, 1],
  [3, 3, 2, 4],
  [5, 5, 1, 3],
];

interface Fill {
  readonly what: string;
  readonly gradientScale: number;
  value(random: Random): number;
}

const FILLS: readonly Fill[] = [
  { what: 'weights from a normal distribution', gradientScale: 1, value: (random) => random.normal() },
  { what: 'every weight 0 and no gradient', gradientScale: 0, value: () => 0 },
  { what: 'every weight -0.25', gradientScale: 1, value: () => -0.25 },
  {
    what: 'weights of three values',
    gradientScale: 1,
    value: (random) => [0.5, -0.5, 0.25][random.below(3)],
  },
  {
    what: 'weights from 0.000001 to 1000',
    gradientScale: 100,
    value: (random) => (random.below(2) === 0 ? -1 : 1) * 10 ** (9 * random.uniform() - 6),
  },
];

const STATES = [
  { what: 'nothing removed' },
  { what: 'half removed', kept: (i: number) => (i + 1) % 2 },
  { what: 'all but one removed', kept: (i: number) => (i === 0 ? 1 : 0) },
] as const;

/** Every shape, filled in every way, before and after a pruning. */
export function weightCases(random: Random): WeightCase[] {
  return SHAPES.flatMap((shape) =>
    FILLS.flatMap((fill) =>
      STATES.map((state): WeightCase => {
        const values = random.fork(`${shape.join()} ${fill.what}`);
        const weights = Float32Array.from({ length: sizeOf(shape) }, () => fill.value(values));
        const mask =
          'kept' in state
            ? Mask.fromFlags(
                shape,
                Array.from(weights, (_, i) => state.kept(i)),
              )
            : undefined;
        mask?.apply(weights);
        const what = `${fill.what}, ${state.what}`;
        return { what, shape, weights, gradientScale: fill.gradientScale, ...(mask && { mask }) };
      }),
    ),
  );
}

/** One case a shape: for checks in which only the shape matters. */
export function plainCases(random: Random): WeightCase[] {
  const seen = new Set<string>();
  return weightCases(random).filter(({ shape }) => !seen.has(shape.join()) && seen.add(shape.join()));
}

/** The first axis of the inputs: dense [in, out], conv [kh, kw, in, out]. */
export function inputsOf(shape: Shape): number {
  return shape.at(-2) ?? 1;
}

export function normals(count: number, scale: number, random: Random): Float32Array {
  return Float32Array.from({ length: count }, () => scale * random.normal());
}
