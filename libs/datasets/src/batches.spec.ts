import fc from 'fast-check';
import { BatchSequence, batchIndices, epochOrder, stepsPerEpoch } from './batches';

describe('epochOrder', () => {
  it('is a permutation, the same for one seed and epoch, another for the next epoch', () => {
    const order = epochOrder(1, 0, 100);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(epochOrder(1, 0, 100)).toEqual(order);
    expect(epochOrder(1, 1, 100)).not.toEqual(order);
    expect(epochOrder(2, 0, 100)).not.toEqual(order);
  });
});

describe('batchIndices', () => {
  it('goes through an epoch without a sample twice, in full batches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (count, batchSize) => {
        const steps = stepsPerEpoch(count, batchSize);
        const seen = Array.from({ length: steps }, (_, step) => [...batchIndices(5, step, count, batchSize)]);
        for (const batch of seen) expect(batch).toHaveLength(Math.min(batchSize, count));
        expect(new Set(seen.flat()).size).toBe(seen.flat().length);
        expect(seen.flat().every((index) => index < count)).toBe(true);
      }),
    );
  });

  it('gives the same batch whether the steps before it were asked for or not', () => {
    const sequence = new BatchSequence(9, 100, 30);
    const inOrder = Array.from({ length: 10 }, (_, step) => [...sequence.at(step)]);
    for (const step of [9, 0, 5]) expect([...batchIndices(9, step, 100, 30)]).toEqual(inOrder[step]);
  });

  it('leaves out another rest in each epoch', () => {
    const used = (epoch: number) =>
      new Set([0, 1, 2].flatMap((i) => [...batchIndices(9, epoch * 3 + i, 100, 30)]));
    expect(used(0).size).toBe(90);
    expect(used(0)).not.toEqual(used(1));
  });
});
