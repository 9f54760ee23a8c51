import { networkByName } from '@espalier/models';
import { readsDigits, softmax } from './opened-file';

describe('what a file is good for', () => {
  it('digits are drawn for networks that read 28 x 28 grey pixels and give ten classes', () => {
    expect(['lenet-300-100', 'lenet-5', 'alexnet'].map((name) => readsDigits(networkByName(name)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('logits become shares that sum to 1, however large they are', () => {
    const shares = softmax(Float32Array.of(1000, 1000 + Math.log(3)));
    expect(shares[0]).toBeCloseTo(0.25, 4);
    expect(shares[1]).toBeCloseTo(0.75, 4);
  });
});
