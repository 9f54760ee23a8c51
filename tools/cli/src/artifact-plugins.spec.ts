/** Files with tensors of plugins: who decodes them, and what is said where nobody does. */
import { decodeArtifact, encodeArtifact, type PluginTensor } from '@espalier/encoding';
import { checkNetwork } from '@espalier/models';
import { bindCodec, type Plugin } from '@espalier/plugin-api';
import hashed from '@espalier/plugin-hashed';
import { join } from 'node:path';
import { decodedByPlugins } from './artifact-plugins';
import { ROOT } from './installation';

const network = checkNetwork({
  name: 'one-layer',
  input: [6],
  layers: [{ type: 'dense', name: 'fc1', units: 4, bias: false }],
});
const shape = [6, 4];
const values = Float32Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? 0 : (i - 12) / 8));
/** Its codec `raw` writes the floats as they are. */
const GOOD = join(ROOT, 'libs/plugin-host/src/testing/plugins/good');

function fileWith(codec: PluginTensor['codec'], bytes: Uint8Array, decoded: Float32Array): Uint8Array {
  const tensor = { kind: 'plugin', name: 'fc1/kernel', shape, codec, bytes, values: decoded } as const;
  return encodeArtifact({ network, tensors: [tensor] }).bytes;
}

async function hashedFile(version: string): Promise<Uint8Array> {
  const options = { share: 0.5, values: 'float32' };
  const codec = bindCodec(hashed as Plugin, 'hashed', options);
  const bytes = await codec.encode({ name: 'fc1/kernel', shape, values });
  const decoded = await codec.decode({ name: 'fc1/kernel', shape, bytes });
  const by = {
    plugin: hashed.name,
    version,
    digest: '1'.repeat(64),
    codec: 'hashed',
    options: codec.options,
  };
  return fileWith(by as PluginTensor['codec'], bytes, decoded);
}

const rawFile = (): Uint8Array =>
  fileWith(
    { plugin: 'good', version: '1.0.0', digest: '2'.repeat(64), codec: 'raw', options: {} },
    new Uint8Array(values.slice().buffer),
    values,
  );

it('a shipped plugin decodes what any of its versions wrote, as long as it gives the same weights', async () => {
  for (const version of ['1.0.0', '0.9.0']) {
    const bytes = await hashedFile(version);
    const { tensors } = decodeArtifact(bytes, undefined, await decodedByPlugins(bytes, []));
    const kernel = tensors.get('fc1/kernel')?.data as Float32Array;
    expect([...kernel].map((value) => value !== 0)).toEqual([...values].map((value) => value !== 0));
  }
});

it('a plugin of somebody else decodes where it is named, in a process of its own', async () => {
  const bytes = rawFile();
  const { tensors } = decodeArtifact(bytes, undefined, await decodedByPlugins(bytes, [GOOD]));
  expect(tensors.get('fc1/kernel')?.data).toEqual(values);
});

it('a plugin that nobody named is not started: one error says what to install', async () => {
  const bytes = rawFile();
  const byPlugins = await decodedByPlugins(bytes, []);
  expect(byPlugins.size).toBe(0);
  expect(() => decodeArtifact(bytes, undefined, byPlugins)).toThrow(
    'ARTIFACT_DECODER: the tensor "fc1/kernel" was coded by the codec "raw" of the plugin "good" 1.0.0, which is not at hand; install good@1.0.0 and allow it: --plugin good.',
  );
});
