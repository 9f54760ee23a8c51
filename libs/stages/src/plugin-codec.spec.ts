/** Quantizers and codecs of plugins in a run: what they make is trained, stands in the file, and comes out of it again. */
import { decodeArtifact } from '@espalier/encoding';
import { definePlugin, manifestOf, type Plugin } from '@espalier/plugin-api';
import hashed from '@espalier/plugin-hashed';
import int8 from '@espalier/plugin-int8';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInProcess, type TimedStage } from './in-process';
import { evaluateArtifact } from './kinds/evaluate';
import { decodePluginTensors } from './plugin-tensors';
import { pluginsInProcess } from './plugins';
import { BARS, barsRecipe, openPlace, type Place } from './testing-bars';

const RECIPE = `${barsRecipe({ units: 16 })}train: { epochs: 4, batchSize: 20, learningRate: { kind: cosine, base: 0.01 } }
prune: { keep: { layers: { fc1: 0.4 } }, deadUnits: keep }
retrain: { epochs: 2, learningRate: { kind: cosine, base: 0.01 } }
`;
const HASHED = `plugins: { '@espalier/plugin-hashed': { from: npm } }
share: { quantizer: { name: hashed, options: { share: 0.25 } }, retrain: { epochs: 3, learningRate: { kind: cosine, base: 0.01 } } }
`;
const INT8 = `plugins: { '@espalier/plugin-int8': { from: npm } }
share: { quantizer: int8 }
`;
const digest = 'e'.repeat(64);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-codec-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran extends Place {
  readonly stages: readonly TimedStage[];
  readonly artifact: Uint8Array;
}

async function run(name: string, text: string, plugin: Plugin): Promise<Ran> {
  const facts = { [plugin.name]: { manifest: manifestOf(plugin), digest } };
  const place = await openPlace(join(folder, name), RECIPE + text, [], facts);
  const plugins = pluginsInProcess([{ plugin, digest }]);
  const stages = await runInProcess(place.recipe, { ...place, plugins });
  const { outputs } = stageOf(stages, 'encode').result;
  return { ...place, stages, artifact: await place.store.get(outputs['artifact'].digest) };
}

function stageOf(stages: readonly TimedStage[], kind: string): TimedStage {
  return stages.findLast(({ spec }) => spec.kind === kind) as TimedStage;
}

async function decoded(artifact: Uint8Array, plugin: Plugin): Promise<Map<string, Float32Array>> {
  const plugins = pluginsInProcess([{ plugin, digest }]);
  const byPlugins = await decodePluginTensors(artifact, (reference) => plugins.codec(reference));
  const { tensors } = decodeArtifact(artifact, undefined, byPlugins);
  return new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]));
}

async function trainedKernel({ stages, store }: Ran, name: string): Promise<Float32Array> {
  const { digest: id } = stageOf(stages, 'encode').spec.inputs['start'];
  return (await store.getSnapshot(id)).tensors.get(name)?.data as Float32Array;
}

describe('a hashed network', () => {
  let ran: Ran;
  beforeAll(async () => {
    const codec = 'encode: { codec: { name: hashed, options: { share: 0.25, values: float32 } } }';
    ran = await run('hashed', HASHED + codec, hashed);
  });

  it('comes out of the file with the very weights that were trained, of a quarter as many values', async () => {
    const kernel = (await decoded(ran.artifact, hashed)).get('fc1/kernel') as Float32Array;
    expect(kernel).toEqual(await trainedKernel(ran, 'fc1/kernel'));
    const survivors = kernel.filter((value) => value !== 0);
    expect(survivors).toHaveLength(Math.round(0.4 * 1024));
    expect(survivors.some((value) => value < 0)).toBe(true);
    const values = new Set(survivors.map(Math.abs)).size;
    expect(values).toBeGreaterThan(20);
    expect(values).toBeLessThanOrEqual(Math.round(survivors.length / 4));
  });

  it('is tested as it is decoded, and the stages say who coded it', async () => {
    const { metrics } = stageOf(ran.stages, 'encode').result;
    expect(metrics['codedBy']).toEqual({
      codec: 'hashed',
      plugin: '@espalier/plugin-hashed',
      version: '1.0.0',
      digest,
    });
    const byPlugins = await decoded(ran.artifact, hashed);
    const { error } = await evaluateArtifact(ran.artifact, BARS, byPlugins);
    expect(stageOf(ran.stages, 'evaluate').result.metrics['error']).toBe(error);
    expect(error).toBeLessThan(0.1);
  });

  it('is nothing without its plugin', () => {
    expect(() => decodeArtifact(ran.artifact)).toThrow(
      /ARTIFACT_DECODER: the tensor "fc1\/kernel" was coded by the codec "hashed" of the plugin "@espalier\/plugin-hashed" 1\.0\.0/,
    );
  });

  it('is written as the values that it has where no codec is named', async () => {
    const plain = await run('unsigned', HASHED, hashed);
    const kernel = decodeArtifact(plain.artifact).tensors.get('fc1/kernel')?.data;
    expect(kernel).toEqual(await trainedKernel(plain, 'fc1/kernel'));
    expect(plain.artifact.length).toBeGreaterThan(ran.artifact.length);
  });
});

it('a network in 8 bits comes out of the file as it was quantized', async () => {
  const ran = await run('int8', `${INT8}encode: { codec: int8 }`, int8);
  const kernel = (await decoded(ran.artifact, int8)).get('fc1/kernel') as Float32Array;
  const before = await trainedKernel(ran, 'fc1/kernel');
  const largest = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  kernel.forEach((value, i) => expect(Math.abs(value - before[i])).toBeLessThan(1e-6 * largest));
  expect(kernel.map((value) => Number(value !== 0))).toEqual(before.map((value) => Number(value !== 0)));
});

it('a codec that brings removed weights back is its defect, and the run says so', async () => {
  const careless = definePlugin({
    name: 'careless',
    version: '1.0.0',
    host: '^1.0.0',
    codecs: {
      ones: {
        encode: () => Uint8Array.of(1),
        decode: ({ shape }) => new Float32Array(shape.reduce((size, axis) => size * axis, 1)).fill(1),
      },
    },
  });
  const text = 'plugins: { careless: { from: npm } }\nencode: { codec: careless/ones }';
  await expect(run('careless', text, careless)).rejects.toThrow(
    /PLUGIN_FAILED.*codec "ones" of the plugin "careless".*STAGE_CODEC.*the removed weight \d+ is 1/,
  );
});
