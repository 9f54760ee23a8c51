import { arrange, arrangeBlocks, type Arrangement, type ImageShape } from './arrangement';

/** The entries of a tile, row by row. */
function tile({ entries, width }: Arrangement, left: number, top: number, size: readonly [number, number]) {
  const [height, across] = size;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: across }, (_, x) => entries[(top + y) * width + left + x]),
  );
}

function everyWeightOnce({ entries }: Arrangement, weights: number): void {
  const seen = new Uint8Array(weights);
  let drawn = 0;
  for (const entry of entries) {
    if (entry < 0) continue;
    seen[entry]++;
    drawn++;
  }
  expect([drawn, seen.indexOf(0), entries.length > 0]).toEqual([weights, -1, true]);
}

describe('where weights are drawn', () => {
  it('a dense layer that reads an image is one image a unit', () => {
    // [in, out] = [6, 4], image 2 x 3: weight of input i and unit u is at i * 4 + u.
    const arranged = arrange([6, 4], [2, 3, 1]);
    everyWeightOnce(arranged, 24);
    expect([arranged.width, arranged.height]).toEqual([7, 5]);
    const second = [1, 5, 9].map((at) => [at, at + 12]);
    expect(tile(arranged, 4, 0, [2, 3])).toEqual([second.map(([a]) => a), second.map(([, b]) => b)]);
    expect(arranged.place(1 + 4 * 5)).toBe('unit 2, pixel row 2, column 3');
  });

  it('fc1 of LeNet-300-100 is 300 images of 28 x 28, wider than high', () => {
    const arranged = arrange([784, 300], [28, 28, 1]);
    everyWeightOnce(arranged, 235_200);
    expect(arranged.kind).toBe('images');
    expect([(arranged.width + 1) / 29, (arranged.height + 1) / 29]).toEqual([21, 15]);
  });

  it('an image of three channels is three tiles a unit', () => {
    const image: ImageShape = [2, 2, 3];
    const arranged = arrange([12, 2], image);
    everyWeightOnce(arranged, 24);
    expect(arranged.place(3 * 2 + 1)).toBe('unit 2, pixel row 1, column 2, channel 1');
  });

  it('a convolution is inputs by filters, the longer axis across', () => {
    // [kh, kw, in, out] = [2, 1, 2, 3]
    const arranged = arrange([2, 1, 2, 3]);
    everyWeightOnce(arranged, 12);
    expect([arranged.width, arranged.height]).toEqual([5, 5]);
    expect(tile(arranged, 4, 3, [2, 1])).toEqual([[5], [11]]);
    expect(arranged.place(11)).toBe('filter 3, input 2, row 2, column 1');
    const narrow = arrange([2, 1, 3, 2]);
    everyWeightOnce(narrow, 12);
    expect(tile(narrow, 4, 3, [2, 1])).toEqual([[5], [11]]);
  });

  it('the filters of a single input stand in a block', () => {
    const arranged = arrange([5, 5, 1, 20]);
    everyWeightOnce(arranged, 500);
    expect([arranged.width, arranged.height]).toEqual([29, 23]);
  });

  it('any other matrix is drawn as it is', () => {
    const arranged = arrange([300, 100], [28, 28, 1]);
    expect(arranged).toMatchObject({ kind: 'matrix', width: 100, height: 300 });
    expect([...arranged.entries.subarray(0, 3)]).toEqual([0, 1, 2]);
    expect(arranged.place(101)).toBe('input 2, output 2');
    expect(arrange([7])).toMatchObject({ width: 7, height: 1 });
    expect(arrangeBlocks([3, 2])).toMatchObject({ kind: 'blocks', width: 2, height: 3 });
  });
});
