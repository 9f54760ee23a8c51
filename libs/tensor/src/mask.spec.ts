import * as fc from 'fast-check';
import { Mask } from './mask';
import { tensor } from './tensor';

const flags = fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 70 });

describe('Mask', () => {
  it('gives back the flags that it was made from, and counts them', () => {
    fc.assert(
      fc.property(flags, (list) => {
        const mask = Mask.fromFlags([list.length], list);
        expect([...mask.toFlags()]).toEqual(list);
        expect(mask.count()).toBe(list.filter((flag) => flag === 1).length);
        list.forEach((flag, i) => expect(mask.get(i)).toBe(flag === 1));
        expect(Mask.fromTensor(mask.toTensor()).equals(mask)).toBe(true);
      }),
    );
  });

  it('packs the first weight into the lowest bit', () => {
    expect([...Mask.fromFlags([2, 5], [1, 0, 0, 0, 0, 0, 0, 1, 0, 1]).bits]).toEqual([0x81, 0x02]);
  });

  it('keeps padding bits 0, however it is made', () => {
    fc.assert(
      fc.property(fc.nat(40), (size) => {
        const full = Mask.full([size]);
        expect(full.count()).toBe(size);
        expect(full.equals(Mask.fromFlags([size], new Uint8Array(size).fill(1)))).toBe(true);
        expect(Mask.fromTensor(full.toTensor()).equals(full)).toBe(true);
        expect(Mask.empty([size]).count()).toBe(0);
      }),
    );
  });

  it('changes one weight at a time, and not those of its clone', () => {
    const mask = Mask.full([9]);
    const before = mask.clone();
    mask.set(8, false);
    mask.set(0, false);
    mask.set(0, true);
    expect([...mask.toFlags()]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0]);
    expect(before.count()).toBe(9);
    expect(before.equals(mask)).toBe(false);
  });

  it('keeps in common what both keep', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })), { maxLength: 40 }),
        (pairs) => {
          const [a, b] = [0, 1].map((side) =>
            Mask.fromFlags(
              [pairs.length],
              pairs.map((pair) => pair[side]),
            ),
          );
          expect([...a.and(b).toFlags()]).toEqual(pairs.map(([x, y]) => x & y));
        },
      ),
    );
  });

  it('sets removed values to +0 and leaves the others alone, negative zero and NaN too', () => {
    const values = Float32Array.of(-1, -2, -0, NaN, 5);
    Mask.fromFlags([5], [0, 1, 1, 1, 0]).apply(values);
    expect([...values]).toEqual([0, -2, -0, NaN, 0]);
    expect(Object.is(values[0], 0)).toBe(true);
  });

  it('refuses what has another size', () => {
    const mask = Mask.full([4]);
    expect(() => mask.and(Mask.full([5]))).toThrow('TENSOR_SHAPE');
    expect(() => mask.apply(new Float32Array(3))).toThrow('a mask of 4 weights meets 3 values');
    expect(() => Mask.fromFlags([4], [1, 1, 1])).toThrow('TENSOR_SHAPE');
    expect(mask.equals(Mask.full([5]))).toBe(false);
  });

  it('refuses tensors that are no bitmap, or whose padding is set', () => {
    expect(() => Mask.fromTensor(tensor('uint8', [1], Uint8Array.of(1)), 'a')).toThrow(
      'TENSOR_DTYPE: tensor "a" has dtype uint8',
    );
    expect(() => Mask.fromTensor(tensor('bit', [7], Uint8Array.of(0x80)), 'a')).toThrow(
      'the padding bits of "a" are not 0',
    );
    expect(() => Mask.fromTensor(tensor('bit', [9], Uint8Array.of(0, 2)))).toThrow('TENSOR_FORM');
  });
});
