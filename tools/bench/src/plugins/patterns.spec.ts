import { checkBlocks, checkNm } from './patterns';

describe('checkNm', () => {
  const values = [1, 0, 0, 2, 3, 0, 0, 4, 5, 0, 0, 6];

  it('counts what each set of a column keeps', () => {
    // Columns 1 0 3 0 5 0 and 0 2 0 4 0 6, in sets of 4 and 2.
    const found = checkNm({ name: 'k', shape: [6, 2], values }, { n: 2, m: 4 });
    expect(found).toMatchObject({ weights: 12, kept: 6, expected: 8, broken: 2 });
    expect(checkNm({ name: 'k', shape: [6, 2], values }, { n: 1, m: 2 })).toMatchObject({
      expected: 6,
      broken: 0,
    });
  });

  it('takes a convolution as [kh * kw * in, out]', () => {
    expect(checkNm({ name: 'k', shape: [3, 1, 2, 2], values }, { n: 1, m: 2 }).broken).toBe(0);
  });
});

describe('checkBlocks', () => {
  it('finds blocks that are there in part, and counts the others', () => {
    const values = [1, 1, 0, 1, 1, 0, 0, 0, 1];
    const found = checkBlocks({ name: 'k', shape: [3, 3], values }, { side: 2, keep: 0.5 });
    expect(found).toMatchObject({ blocks: 4, keptBlocks: 2, kept: 5, expected: 5, broken: 0 });
    values[0] = 0;
    expect(checkBlocks({ name: 'k', shape: [3, 3], values }, { side: 2, keep: 0.5 }).broken).toBe(1);
    expect(checkBlocks({ name: 'k', shape: [3, 3], values }, { side: 2, keep: 0.75 }).broken).toBe(2);
  });
});
