import { silentLogger } from '@espalier/base';
import { decodeArtifact } from '@espalier/encoding';
import { checkNetwork, parametersOf, type NetworkSpec } from '@espalier/models';
import { BlobStore, RecordStore } from '@espalier/store';
import { float32, sizeOf } from '@espalier/tensor';
import type { JsonValue } from '@espalier/base';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStage } from '../run-stage';
import type { StageSpec } from '../stage';

const UNITS = 400;

let folder: string;
let store: BlobStore;
let cache: RecordStore;
let start: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-encode-'));
  store = await BlobStore.open(join(folder, 'store'));
  cache = await RecordStore.open(join(folder, 'cache'));
  const network: NetworkSpec = checkNetwork({
    name: 'one-layer',
    input: [8],
    layers: [{ type: 'dense', name: 'fc1', units: UNITS }],
  });
  const tensors = parametersOf(network).map(
    ({ name, shape, role }) =>
      [
        name,
        float32(
          shape,
          // Biases without a pattern that a coder could find; kernels that are mostly removed.
          Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
            role === 'bias' ? Math.sin(i * i + 1) : i % 16 === 0 ? 0.25 : 0,
          ),
        ),
      ] as const,
  );
  const snapshot = { network: network as unknown as JsonValue, tensors: new Map(tensors), info: {} };
  start = (await store.putSnapshot(snapshot)).id;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The file with biases of that many bits. */
async function encoded(biasBits: number): Promise<Uint8Array> {
  const spec: StageSpec = {
    kind: 'encode',
    algorithm: 1,
    config: { biasBits, codebook: 'float16' },
    seed: 1,
    inputs: { start: { kind: 'snapshot', digest: start } },
  };
  const { outputs } = await runStage(spec, {
    store,
    cache,
    emit: () => undefined,
    signal: new AbortController().signal,
    logger: silentLogger,
    threads: 1,
    checkpointSeconds: 60,
  });
  return store.get(outputs['artifact'].digest);
}

describe('encode', () => {
  it('makes a smaller file of fewer bits a bias, whose biases are as near as those bits allow', async () => {
    const biases = Array.from({ length: UNITS }, (_, i) => Math.fround(Math.sin(i * i + 1)));
    const sizes: number[] = [];
    for (const bits of [32, 16, 12, 8, 5, 2]) {
      const bytes = await encoded(bits);
      sizes.push(bytes.length);
      const decoded = decodeArtifact(bytes).tensors.get('fc1/bias')?.data as Float32Array;
      // From -most to most in multiples of one step, whose 8 significant bits are rounded up.
      const largestError = bits === 32 ? 0 : bits === 16 ? 2 ** -12 : (1.01 / (2 ** (bits - 1) - 1)) * 0.5;
      const errors = biases.map((bias, i) => Math.abs(decoded[i] - bias));
      expect(Math.max(...errors)).toBeLessThanOrEqual(largestError);
    }
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(new Set(sizes).size).toBe(sizes.length);
    // 400 biases at 32 and at 2 bits.
    expect(sizes[0] - sizes[5]).toBeGreaterThan((0.9 * (UNITS * 30)) / 8);
  });
});
