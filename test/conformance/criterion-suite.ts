/** What every criterion promises (libs/plugin-api/src/criterion.ts). Call it within a spec, with any criterion. */
import { Random } from '@espalier/base';
import { CRITERION_NEEDS, type Criterion, type ScoreInput } from '@espalier/plugin-api';
import { granularityByName, prune } from '@espalier/pruning';
import { Mask, sizeOf, type Shape } from '@espalier/tensor';

const SHAPES: readonly Shape[] = [
  [1, 1],
  [7, 5],
  [3, 3, 2, 4],
];

export function describeCriterion(criterion: Criterion): void {
  describe(`criterion ${criterion.name}`, () => {
    it('says its name, version and known needs, and has defaults that a recipe can hold', () => {
      expect(criterion.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(criterion.version).not.toBe('');
      expect(criterion.needs.filter((need) => !CRITERION_NEEDS.includes(need))).toEqual([]);
      expect(JSON.parse(JSON.stringify(criterion.defaults))).toEqual(criterion.defaults);
    });

    it.each(SHAPES.map((shape) => ({ shape })))(
      'gives each weight of $shape a finite score',
      async ({ shape }) => {
        for (const fill of [gaussian, () => 0, () => -0.25]) {
          const scores = await criterion.score(inputFor(criterion, shape, fill));
          expect(scores).toBeInstanceOf(Float32Array);
          expect(scores).toHaveLength(sizeOf(shape));
          expect(scores.every(Number.isFinite)).toBe(true);
        }
      },
    );

    it('gives the same scores for the same input, and leaves that as it was', async () => {
      const input = inputFor(criterion, [7, 5]);
      const scores = await criterion.score(input);
      const untouched = inputFor(criterion, [7, 5]);
      expect(input.weights).toEqual(untouched.weights);
      expect(input.gradients).toEqual(untouched.gradients);
      expect(input.secondMoment).toEqual(untouched.secondMoment);
      expect(input.previousMask?.bits).toEqual(untouched.previousMask?.bits);
      expect(scores).not.toBe(input.weights);
      expect(await criterion.score(untouched)).toEqual(scores);
    });

    it('leaves exactly the share that was asked for, of the weights that were there', async () => {
      const previousMask = everyOther([20, 10]);
      const layer = { ...inputFor({ needs: CRITERION_NEEDS, defaults: {} }, [20, 10]), previousMask };
      const { masks } = await prune({
        layers: [layer],
        criterion,
        granularity: granularityByName('weight'),
        selection: { scope: 'layer', amounts: { keep: 0.2 } },
        random: new Random(3),
      });
      const mask = masks.get(layer.name) as Mask;
      expect(mask.count()).toBe(40);
      expect(mask.toFlags().filter((kept, i) => kept && !previousMask.get(i))).toHaveLength(0);
    });
  });
}

/** All that a criterion asks for, and nothing else; the same numbers at each call. */
function inputFor(
  { needs, defaults }: Pick<Criterion, 'needs' | 'defaults'>,
  shape: Shape,
  fill: (random: Random) => number = gaussian,
): ScoreInput {
  const random = new Random(sizeOf(shape), 'conformance');
  const values = (make: (random: Random) => number): Float32Array =>
    Float32Array.from({ length: sizeOf(shape) }, () => make(random));
  return {
    name: 'fc1/kernel',
    shape,
    weights: values(fill),
    ...(needs.includes('gradients') && { gradients: values(gaussian) }),
    ...(needs.includes('previousMask') && { previousMask: everyOther(shape) }),
    ...(needs.includes('secondMoment') && { secondMoment: values((each) => each.uniform()) }),
    ...(needs.includes('unitTaylor') && {
      unitTaylor: new Float32Array(shape.at(-1) ?? 1).map(() => random.uniform()),
    }),
    random: new Random(5),
    options: defaults,
  };
}

function gaussian(random: Random): number {
  return random.normal();
}

function everyOther(shape: Shape): Mask {
  return Mask.fromFlags(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => (i + 1) % 2),
  );
}
