import { kernelView } from './kernel-view';
import { Surroundings } from './surroundings';

describe('surroundings', () => {
  it('add a survivor to the pixels after it in the same output and channel, less the farther away', () => {
    const view = kernelView([5 * 5 * 2, 3], [5, 5, 2]);
    const around = new Surroundings(view);
    const row = (y: number, x: number, channel = 1): number => (y * 5 + x) * 2 + channel;
    around.add(row(2, 2), 1, 1);
    const picture = Array.from({ length: 5 }, (_, y) =>
      Array.from({ length: 5 }, (__, x) => around.at(row(y, x), 1)),
    );
    expect(picture).toEqual([
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 6, 3],
      [3, 5, 6, 5, 3],
      [2, 3, 3, 3, 2],
    ]);
    expect(around.at(row(2, 3, 0), 1)).toBe(0);
    expect(around.at(row(2, 3), 2)).toBe(0);
  });

  it('say nothing where rows lie in no plane', () => {
    const around = new Surroundings(kernelView([10, 4]));
    around.add(3, 1, 1);
    expect(around.at(4, 1)).toBe(0);
  });
});
