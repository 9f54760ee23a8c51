import { checkNetwork } from '@espalier/models';
import { crc32 } from '../crc32';
import type { ArtifactTensor, PluginTensor } from './artifact-tensor';
import { decodeArtifact, decodeWeights, inspectArtifact, pluginTensorsOf } from './decode-artifact';
import { encodeArtifact } from './encode-artifact';

const network = checkNetwork({
  name: 'small',
  input: [8],
  layers: [
    { type: 'dense', name: 'fc1', units: 6 },
    { type: 'dense', name: 'fc2', units: 3 },
  ],
});

const codec = {
  plugin: '@mine/halves',
  version: '2.0.1',
  digest: 'ab'.repeat(32),
  codec: 'halves',
  options: { at: 0.5 },
};
const values = Float32Array.from({ length: 48 }, (_, i) => (i % 5 === 0 ? 0 : i / 2));
const kernel: PluginTensor = {
  kind: 'plugin',
  name: 'fc1/kernel',
  shape: [8, 6],
  codec,
  bytes: Uint8Array.from([1, 2, 3]),
  values,
};
const dense = (name: string, shape: readonly number[]): ArtifactTensor => ({
  kind: 'dense',
  name,
  shape,
  values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.25),
});
const second: PluginTensor = {
  ...kernel,
  name: 'fc2/kernel',
  shape: [6, 3],
  values: new Float32Array(18).fill(-1),
};
const tensors = [kernel, dense('fc1/bias', [6]), second, dense('fc2/bias', [3])];
const file = encodeArtifact({ network, tensors });
const byPlugins = new Map([kernel, second].map((tensor) => [tensor.name, tensor.values]));

describe('tensors of plugins', () => {
  it('come with who decodes them, and their bytes', () => {
    expect(pluginTensorsOf(file.bytes)).toEqual([
      { name: 'fc1/kernel', shape: [8, 6], codec, bytes: kernel.bytes },
      { name: 'fc2/kernel', shape: [6, 3], codec, bytes: second.bytes },
    ]);
  });

  it('are described once', () => {
    const [first, , other] = file.tensors;
    // The place of the description, a checksum, the codec's own bytes.
    expect(other.bytes).toBe(1 + 4 + 3);
    expect(first.bytes).toBeGreaterThan(other.bytes + 32);
  });

  it('are what their plugin made of them, and the file says whether that is right', () => {
    const decoded = decodeArtifact(file.bytes, undefined, byPlugins);
    expect(decoded.tensors.get('fc1/kernel')?.data).toEqual(values);
    expect(decoded.summaries.map(({ coding, kept }) => [coding, kept])).toEqual([
      ['plugin', 38],
      [file.tensors[1].coding, 6],
      ['plugin', 18],
      [file.tensors[3].coding, 3],
    ]);
    expect(new Map(decodeWeights(file.bytes, undefined, byPlugins).tensors)).toEqual(decoded.tensors);
    const wrong = new Map(byPlugins).set('fc1/kernel', values.with(3, 7));
    expect(() => decodeArtifact(file.bytes, undefined, wrong)).toThrow(
      /ARTIFACT_TENSOR.*"fc1\/kernel".*@mine\/halves decodes other values.*2\.0\.1/,
    );
    const cut = new Map(byPlugins).set('fc1/kernel', values.slice(1));
    expect(() => decodeArtifact(file.bytes, undefined, cut)).toThrow(/gave 47 values for 48/);
  });

  it('are refused by one error that names package and version where nobody decodes them', () => {
    const message =
      'ARTIFACT_DECODER: the tensor "fc1/kernel" was coded by the codec "halves" of the plugin "@mine/halves" 2.0.1';
    expect(() => decodeArtifact(file.bytes)).toThrow(message);
    expect(() => decodeArtifact(file.bytes)).toThrow('install @mine/halves@2.0.1');
    expect(inspectArtifact(file.bytes).tensors[0]).toMatchObject({
      coding: 'plugin',
      bytes: file.tensors[0].bytes,
    });
  });

  it('make the file version 3; no older version has them', () => {
    expect(inspectArtifact(file.bytes).version).toBe(4);
    const older = file.bytes.slice();
    older[4] = 2;
    new DataView(older.buffer).setUint32(older.length - 4, crc32(older.subarray(0, -4)), true);
    expect(() => decodeArtifact(older)).toThrow(/ARTIFACT_HEADER.*version 2 has no coding 6/);
  });

  it('are refused or decoded, whatever bytes stand in the place of theirs', () => {
    const from = file.headerBytes - 4;
    for (let at = from; at < file.bytes.length - 4; at += 3) {
      for (const value of [0, 255]) {
        const forged = file.bytes.slice();
        forged[at] = value;
        new DataView(forged.buffer).setUint32(forged.length - 4, crc32(forged.subarray(0, -4)), true);
        try {
          pluginTensorsOf(forged);
          decodeArtifact(forged, undefined, byPlugins);
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^ARTIFACT_/);
        }
      }
    }
  });
});
