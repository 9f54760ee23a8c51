import { createHash, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { serialize, deserialize } from 'node:v8';

describe('the test environment', () => {
  it('sees a Node buffer as a Uint8Array over an ArrayBuffer', () => {
    const bytes = randomBytes(8);
    expect(bytes instanceof Uint8Array).toBe(true);
    expect(bytes.buffer instanceof ArrayBuffer).toBe(true);
  });

  it('gives host functions typed arrays that they recognise', () => {
    const values = new Float32Array([1, 2, 3]);
    expect(deserialize(serialize(values))).toEqual(values);
    expect(deserialize(serialize(values)) instanceof Float32Array).toBe(true);
    expect(gunzipSync(gzipSync(values)).byteLength).toBe(12);
    expect(createHash('sha256').update(values).digest('hex')).toHaveLength(64);
  });

  it('resolves workspace packages to their sources', () => {
    expect(require.resolve('@espalier/tensor')).toMatch(/libs.tensor.src.index\.ts$/);
    expect(require.resolve('@espalier/tensor/digest')).toMatch(/libs.tensor.src.digest\.ts$/);
  });
});
