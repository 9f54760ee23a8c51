import { definePlugin, defaultsOf } from '@espalier/plugin-api';
import { sizeOf, type Shape } from '@espalier/tensor';
import fc from 'fast-check';
import { block } from './block';
import plugin from './index';
import { nm } from './nm';

const nmDefaults = { n: 2, m: 4, along: 'input' };

const shapes = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 17 }), fc.integer({ min: 1, max: 9 })),
  fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 5 }),
  ),
);

/** [kh, kw, in, out] of an element of a kernel; kh = kw = 0 in a dense one. */
function placeOf(shape: Shape, i: number): number[] {
  const place: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(i % shape[axis]);
    i = Math.floor(i / shape[axis]);
  }
  return shape.length === 2 ? [0, 0, ...place] : place;
}

it('is a well-defined plugin whose defaults are 2 of 4 and blocks of 4 x 4', () => {
  expect(definePlugin(plugin)).toBe(plugin);
  expect(defaultsOf(nm.options ?? {})).toEqual(nmDefaults);
  expect(defaultsOf(block.options ?? {})).toEqual({ rows: 4, columns: 4 });
});

describe('nm', () => {
  it('makes sets of four down the columns of a dense kernel, the last one smaller', () => {
    const { setOf, keep } = nm.pattern?.([6, 2], nmDefaults) as { setOf: Uint32Array; keep: number };
    expect([...setOf]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3]);
    expect(keep).toBe(2);
  });

  it('groups nothing: every weight stands for itself', () => {
    expect(nm.groupCount([3, 5], nmDefaults)).toBe(15);
    expect([...nm.groupsOf([2, 2], nmDefaults)]).toEqual([0, 1, 2, 3]);
  });

  it('puts two weights in one set exactly when output, position and m-th of the inputs are the same', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 2, max: 5 }), (shape, m) => {
        const setOf = nm.pattern?.(shape, { n: 1, m, along: 'input' }).setOf as Uint32Array;
        const seen = new Map<number, string>();
        const sets = new Set<string>();
        for (let i = 0; i < sizeOf(shape); i++) {
          const [y, x, input, output] = placeOf(shape, i);
          const expected = [y, x, Math.floor(input / m), output].join();
          expect(seen.get(setOf[i]) ?? expected).toBe(expected);
          seen.set(setOf[i], expected);
          sets.add(expected);
        }
        expect(seen.size).toBe(sets.size);
        expect(Math.max(...setOf)).toBe(sets.size - 1);
      }),
    );
  });

  it('follows the whole window of a filter where asked, so that one input channel has sets too', () => {
    const { setOf } = nm.pattern?.([5, 5, 1, 2], { n: 2, m: 4, along: 'window' }) as { setOf: Uint32Array };
    const sizes = new Map<number, number>();
    for (const set of setOf) sizes.set(set, (sizes.get(set) ?? 0) + 1);
    expect([...sizes.values()].sort()).toEqual([1, 1, ...new Array<number>(12).fill(4)]);
  });

  it('refuses a pattern that removes nothing, and what is no kernel', () => {
    expect(() => nm.pattern?.([4, 4], { n: 4, m: 4, along: 'input' })).toThrow('PLUGIN_NM_PATTERN');
    expect(() => nm.pattern?.([4], nmDefaults)).toThrow('PLUGIN_NM_SHAPE');
  });
});

describe('block', () => {
  it('cuts a matrix into blocks, smaller at the edges', () => {
    const options = { rows: 2, columns: 2 };
    expect([...block.groupsOf([3, 3], options)]).toEqual([0, 0, 1, 0, 0, 1, 2, 2, 3]);
    expect(block.groupCount([3, 3], options)).toBe(4);
  });

  it('takes a convolution as a matrix of its window by its filters', () => {
    const options = { rows: 4, columns: 4 };
    expect(block.groupCount([5, 5, 20, 50], options)).toBe(125 * 13);
    expect([...block.groupsOf([2, 2, 3, 5], options)]).toEqual([...block.groupsOf([12, 5], options)]);
  });

  it('numbers its groups without a gap, each of at most rows x columns', () => {
    fc.assert(
      fc.property(
        shapes,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (shape, rows, columns) => {
          const groups = block.groupsOf(shape, { rows, columns });
          const sizes = new Array<number>(block.groupCount(shape, { rows, columns })).fill(0);
          for (const group of groups) sizes[group]++;
          expect(Math.min(...sizes)).toBeGreaterThan(0);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(rows * columns);
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(sizeOf(shape));
        },
      ),
    );
  });
});
