import type { Samples } from './dataset';
import { splitTrain } from './split';

const samples: Samples = {
  images: Uint8Array.from([0, 1, 10, 11, 20, 21, 30, 31]),
  labels: Uint8Array.from([0, 1, 2, 3]),
  count: 4,
  shape: [1, 2, 1],
};

describe('splitTrain', () => {
  it('holds out the last samples, without a copy', () => {
    const { train, heldOut } = splitTrain(samples, 1);
    expect([...train.labels]).toEqual([0, 1, 2]);
    expect([...heldOut.images]).toEqual([30, 31]);
    expect(heldOut.count).toBe(1);
    expect(heldOut.images.buffer).toBe(samples.images.buffer);
  });

  it('holds out nothing when asked for 0', () => {
    const { train, heldOut } = splitTrain(samples, 0);
    expect([train.count, heldOut.count, heldOut.images.length]).toEqual([4, 0, 0]);
  });

  it('refuses to leave nothing to train with', () => {
    expect(() => splitTrain(samples, 4)).toThrow('DATA_HELD_OUT: cannot hold out 4 of 4 training samples');
    expect(() => splitTrain(samples)).toThrow(
      /^DATA_HELD_OUT: cannot hold out 5000 of 4 .*set data\.heldOut /,
    );
  });
});
