import { errorCode } from '@espalier/base';
import { encodeSafetensors } from '@espalier/encoding';
import { checkNetwork } from '@espalier/models';
import { BlobStore } from '@espalier/store';
import { float32 } from '@espalier/tensor';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importWeights } from './import-weights';

const network = checkNetwork({
  name: 'small',
  input: [3],
  layers: [{ type: 'dense', name: 'fc1', units: 2 }],
});
const kernel = float32([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
const bias = float32([2], Float32Array.of(7, 8));
const whole = encodeSafetensors(
  new Map([
    ['other', float32([1], Float32Array.of(9))],
    ['b', bias],
    ['fc1/kernel', kernel],
  ]),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-import-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function imported(bytes: Uint8Array, names: Record<string, string>) {
  const store = await BlobStore.open(folder);
  return importWeights(network, { store, file: await store.put(bytes), names });
}

describe('importing weights', () => {
  it('takes what the network needs, under the names that are given', async () => {
    const { tensors } = await imported(whole, { 'fc1/bias': 'b' });
    expect(tensors).toEqual(
      new Map([
        ['fc1/kernel', kernel],
        ['fc1/bias', bias],
      ]),
    );
  });

  it('names what is missing, and what has another shape', async () => {
    expect(await imported(whole, {}).catch(errorCode)).toBe('STAGE_INIT_MISSING');
    expect(await imported(whole, { 'fc1/bias': 'other' }).catch(errorCode)).toBe('STAGE_INIT_SHAPE');
  });

  it('refuses a file that was cut, wherever it was', async () => {
    for (const length of [0, 7, 8, 40, whole.length - 1]) {
      const cut = whole.slice(0, length);
      expect(await imported(cut, { 'fc1/bias': 'b' }).catch(errorCode)).toBe('SAFETENSORS_FORM');
    }
  });
});
