import { sha256 } from '@espalier/tensor/digest';
import { dataManifest, dataManifestBytes } from './manifest';
import { readMnist } from './mnist';

describe('readMnist', () => {
  it('reads 60,000 + 10,000 images of 28 x 28 with the label counts that MNIST is known for', () => {
    const { train, test, classes, name } = readMnist();
    expect({ name, classes }).toEqual({ name: 'mnist', classes: 10 });
    expect([train.count, test.count]).toEqual([60000, 10000]);
    expect(train.shape).toEqual([28, 28, 1]);
    const perClass = (labels: Uint8Array): number[] =>
      labels.reduce((counts, label) => counts.with(label, counts[label] + 1), Array<number>(10).fill(0));
    expect(perClass(train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(perClass(test.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  });

  it('has the mean that everybody normalises by, 0.1307', () => {
    const { images } = readMnist().train;
    let sum = 0;
    for (let i = 0; i < images.length; i++) sum += images[i];
    expect(sum / images.length / 255).toBeCloseTo(0.1307, 4);
  });

  it('has one digest, for ever', () => {
    expect(sha256(dataManifestBytes(dataManifest(readMnist(), sha256)))).toMatchInlineSnapshot(
      `"06d109b9f2785a20e9906f9992660105c2610aff99cf46ef158b274e7bee4abd"`,
    );
  });
});
