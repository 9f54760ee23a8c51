import { encodeArtifact } from '@espalier/encoding';
import { checkNetwork } from '@espalier/models';
import { createHash } from 'node:crypto';
import { differing, digestOfAll, tensorDigests } from './tensor-digests';

const network = checkNetwork({
  name: 'tiny',
  input: [2],
  layers: [{ type: 'dense', name: 'fc1', units: 1 }],
});
const kernel = Float32Array.of(0.5, -2);
const { bytes } = encodeArtifact({
  network,
  tensors: [
    { kind: 'dense', name: 'fc1/kernel', shape: [2, 1], values: kernel },
    { kind: 'dense', name: 'fc1/bias', shape: [1], values: Float32Array.of(1) },
  ],
});
const hex = (data: Float32Array): string =>
  createHash('sha256').update(Buffer.from(data.buffer)).digest('hex');

describe('digests of what a file decodes to', () => {
  it('are those of the little-endian bytes, by name', () => {
    expect(tensorDigests(bytes)).toContainEqual({ name: 'fc1/kernel', sha256: hex(kernel) });
    expect(tensorDigests(bytes)).toHaveLength(2);
  });

  it('name the tensors that differ, or are missing', () => {
    const all = tensorDigests(bytes);
    const [first, second] = all;
    expect(differing(all, all)).toEqual([]);
    expect(differing(all, [{ ...first, sha256: 'other' }, second])).toEqual([first.name]);
    expect(differing([first], all)).toEqual([second.name]);
  });

  it('change as one when a name or a byte does', () => {
    const [first, second] = tensorDigests(bytes);
    const digests = [
      [first, second],
      [second, first],
      [{ ...first, name: 'x' }, second],
    ].map(digestOfAll);
    expect(new Set(digests).size).toBe(3);
  });
});
