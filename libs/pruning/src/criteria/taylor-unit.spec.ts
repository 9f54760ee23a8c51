import { Random } from '@espalier/base';
import { granularityByName } from '../granularity/granularity-by-name';
import { prune } from '../prune';
import { criterionByName } from './criterion-by-name';
import { addUnitTaylor } from './taylor-unit';

describe('addUnitTaylor', () => {
  it('squares the sum over weights and bias of a unit, batch by batch', () => {
    const sums = new Float32Array(2);
    const values = { kernel: Float32Array.of(1, 2, 3, 4), bias: Float32Array.of(10, -1) };
    // Unit 0: 1 * 1 + 3 * -1 + 10 * 0.5 = 3; unit 1: 2 * 2 + 4 * 0 + -1 * 1 = 3.
    addUnitTaylor(sums, values, { kernel: Float32Array.of(1, 2, -1, 0), bias: Float32Array.of(0.5, 1) });
    expect([...sums]).toEqual([9, 9]);
    // Opposite gradients count again: squares are summed, not what is squared.
    addUnitTaylor(sums, values, { kernel: Float32Array.of(-1, 0, 1, 0), bias: Float32Array.of(-0.5, 0) });
    expect([...sums]).toEqual([18, 9]);
  });

  it('needs no bias', () => {
    const sums = new Float32Array(1);
    addUnitTaylor(sums, { kernel: Float32Array.of(2, 3) }, { kernel: Float32Array.of(1, -2) });
    expect([...sums]).toEqual([16]);
  });
});

describe('taylor-unit', () => {
  const layer = { name: 'fc1/kernel', shape: [2, 3], weights: Float32Array.of(9, 1, 9, 9, 1, 9) };
  const input = {
    criterion: criterionByName('taylor-unit'),
    granularity: granularityByName('unit'),
    selection: { scope: 'layer', amounts: { keep: 2 / 3 } },
    random: new Random(1),
  } as const;

  it('keeps the units of the highest scores, whatever their weights are', async () => {
    const { masks } = await prune({ ...input, layers: [{ ...layer, unitTaylor: Float32Array.of(3, 5, 1) }] });
    expect([...(masks.get('fc1/kernel')?.toFlags() ?? [])]).toEqual([1, 1, 0, 1, 1, 0]);
  });

  it('asks for a score of each unit', async () => {
    await expect(prune({ ...input, layers: [layer] })).rejects.toThrow(
      'criterion "taylor-unit" needs the unitTaylor of "fc1/kernel"',
    );
    await expect(
      prune({ ...input, layers: [{ ...layer, unitTaylor: new Float32Array(2) }] }),
    ).rejects.toThrow("its 3 units' scores have 2");
  });
});
