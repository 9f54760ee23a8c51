/** `espalier eval` and `predict` of a file of plugin-int8 in whole numbers, by the command itself. */
import { Random } from '@espalier/base';
import { encodeArtifact, type ArtifactTensor, type PluginTensor } from '@espalier/encoding';
import { createIntegerModel, type IntegerModel } from '@espalier/inference';
import { checkNetwork, parametersOf } from '@espalier/models';
import { bindCodec, type OptionValues } from '@espalier/plugin-api';
import int8 from '@espalier/plugin-int8';
import { float32, sizeOf } from '@espalier/tensor';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const CLI = resolve(__dirname, '../../tools/cli/bin/espalier.cjs');
const SIDE = 8;
const IMAGES = 60;
const network = checkNetwork({
  name: 'small',
  input: [SIDE, SIDE, 1],
  layers: [
    { type: 'conv2d', name: 'c', filters: 3, kernel: 3 },
    { type: 'relu' },
    { type: 'flatten' },
    { type: 'dense', name: 'd', units: 7 },
  ],
});
const random = new Random(4);
const images = Uint8Array.from({ length: IMAGES * SIDE * SIDE }, () => random.below(256));
const labels = Uint8Array.from({ length: IMAGES }, () => random.below(7));
const pixels = Float32Array.from(images, (pixel) => pixel / 255);

describe('a file of plugin-int8 in whole numbers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-whole-'));
  const at = (name: string): string => join(folder, name);
  const data = `${at('images')},${at('labels')}`;
  let model: IntegerModel;

  /** Writes the network, its kernels by the codec with these options, or as they are. */
  async function write(name: string, options?: OptionValues): Promise<Map<string, Float32Array>> {
    const weights = new Random(2);
    const decoded = new Map<string, Float32Array>();
    const tensors: ArtifactTensor[] = [];
    for (const { name: tensor, shape, prunable } of parametersOf(network)) {
      const values = Float32Array.from({ length: sizeOf(shape) }, () => weights.normal());
      if (options && prunable) {
        const codec = bindCodec(int8, 'int8', options);
        const bytes = await codec.encode({ name: tensor, shape, values });
        const own = await codec.decode({ name: tensor, shape, bytes });
        const by = { plugin: int8.name, version: int8.version, digest: '1'.repeat(64), codec: 'int8' };
        const coded: PluginTensor['codec'] = { ...by, options: codec.options };
        tensors.push({ kind: 'plugin', name: tensor, shape, codec: coded, bytes, values: own });
        decoded.set(tensor, own);
      } else {
        tensors.push({ kind: 'dense', name: tensor, shape, values });
        decoded.set(tensor, values);
      }
    }
    writeFileSync(at(name), encodeArtifact({ network, tensors }).bytes);
    return decoded;
  }

  beforeAll(async () => {
    const header = (type: number, ...sizes: number[]): number[] => [
      ...[0, 0, 8, type],
      ...sizes.flatMap((size) => [0, 0, size >> 8, size & 255]),
    ];
    writeFileSync(at('images'), Uint8Array.from([...header(3, IMAGES, SIDE, SIDE), ...images]));
    writeFileSync(at('labels'), Uint8Array.from([...header(1, IMAGES), ...labels]));
    const decoded = await write('int8.espalier', {});
    await write('tensor.espalier', { channels: false });
    await write('floats.espalier');
    const shapes = new Map(parametersOf(network).map(({ name, shape }) => [name, shape]));
    const tensors = new Map(
      [...decoded].map(([name, values]) => [name, float32(shapes.get(name) ?? [], values, name)] as const),
    );
    model = await createIntegerModel({ network, tensors }, { samples: pixels });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const whole = ['--whole-numbers', '--calibrate', data];

  it('is tested on what the integer model answers', async () => {
    const found: unknown = JSON.parse(
      await espalier('eval', at('int8.espalier'), '--data', data, ...whole, '--json'),
    );
    let [wrong, wrongOf5, loss] = [0, 0, 0];
    for (let i = 0; i < IMAGES; i++) {
      const logits = logitsOf(model, i);
      const ranked = [...logits.keys()].sort((a, b) => logits[b] - logits[a]);
      if (ranked[0] !== labels[i]) wrong++;
      if (!ranked.slice(0, 5).includes(labels[i])) wrongOf5++;
      loss += Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[labels[i]];
    }
    expect(found).toMatchObject({
      count: IMAGES,
      error: wrong / IMAGES,
      top5Error: wrongOf5 / IMAGES,
      loss: expect.closeTo(loss / IMAGES, 9) as number,
      wholeNumbers: true,
    });
  });

  it('names an image as the integer model does', async () => {
    const found = JSON.parse(
      await espalier('predict', at('int8.espalier'), `${at('images')}:7`, ...whole, '--json'),
    ) as { readonly answer: number; readonly probabilities: readonly number[] };
    const logits = logitsOf(model, 7);
    expect(found.answer).toBe(logits.indexOf(Math.max(...logits)));
    const [first, second] = found.probabilities;
    expect(Math.log(first / second)).toBeCloseTo(logits[0] - logits[1], 5);
  });

  it.each([
    ['floats.espalier', '"c/kernel" was not coded by @espalier/plugin-int8'],
    ['tensor.espalier', '"c/kernel" has one scale for all, or zero points'],
  ])('is refused by name where it was coded otherwise: %s', async (file, problem) => {
    const failed = await espalier('eval', at(file), '--data', data, ...whole).catch(
      (error: unknown) => error,
    );
    const stderr = expect.stringContaining('CLI_WHOLE_NUMBERS') as string;
    expect(failed).toMatchObject({ code: 1, stderr });
    expect((failed as { readonly stderr: string }).stderr).toContain(problem);
  });

  it('is calibrated on images that the network takes', async () => {
    const failed = await espalier('eval', at('int8.espalier'), '--data', data, '--whole-numbers').catch(
      (error: unknown) => error,
    );
    const stderr = expect.stringMatching(/CLI_DATA.*28 x 28 x 1, but the network takes 8 x 8 x 1/) as string;
    expect(failed).toMatchObject({ code: 1, stderr });
  });
});

function logitsOf(model: IntegerModel, i: number): Float32Array {
  return model.run(pixels.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
}

async function espalier(...args: readonly string[]): Promise<string> {
  // Without what jest puts into the environment of this process.
  const kept = Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS|NODE_ENV)$/.test(name));
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
    env: Object.fromEntries(kept),
  });
  return stdout;
}
