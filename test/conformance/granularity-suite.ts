/** What every granularity promises (libs/plugin-api/src/granularity.ts). Call it within a spec, with any granularity. */
import { Random } from '@espalier/base';
import type { Granularity } from '@espalier/plugin-api';
import { criterionByName, prune } from '@espalier/pruning';
import { sizeOf, type Mask, type Shape } from '@espalier/tensor';

const SHAPES: readonly Shape[] = [
  [1, 1],
  [8, 6],
  [3, 3, 2, 4],
];

export function describeGranularity(name: string, granularity: Granularity): void {
  describe(`granularity ${name}`, () => {
    it('says its name and version', () => {
      expect(granularity.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(granularity.version).not.toBe('');
    });

    it.each(SHAPES.map((shape) => ({ shape })))(
      'puts each weight of $shape into a group',
      async ({ shape }) => {
        const groups = await granularity.groupsOf(shape);
        const count = await granularity.groupCount(shape);
        expect(groups).toBeInstanceOf(Uint32Array);
        expect(groups).toHaveLength(sizeOf(shape));
        expect([...new Set(groups)].sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, i) => i),
        );
        expect(await granularity.groupsOf(shape)).toEqual(groups);
      },
    );

    it('keeps or removes the weights of a group together', async () => {
      for (const shape of SHAPES) {
        const random = new Random(9);
        const weights = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
        const { masks } = await prune({
          layers: [{ name: 'kernel', shape, weights }],
          criterion: criterionByName('magnitude'),
          granularity,
          selection: { scope: 'layer', amounts: { keep: 0.5 } },
          random,
        });
        const mask = masks.get('kernel') as Mask;
        const groups = await granularity.groupsOf(shape);
        const kept = new Set(groups.filter((_, i) => mask.get(i)));
        expect(kept.size).toBe(Math.ceil((await granularity.groupCount(shape)) / 2));
        expect([...groups].every((group, i) => mask.get(i) === kept.has(group))).toBe(true);
      }
    });
  });
}
