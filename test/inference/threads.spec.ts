/** libs/inference with several threads, as a program that uses it sees them. */
import { Random } from '@espalier/base';
import { readMnist } from '@espalier/datasets';
import { createModel, type ModelSource } from '@espalier/inference';
import { networkByName, parametersOf } from '@espalier/models';
import { float32, sizeOf } from '@espalier/tensor';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** So many weights kept that its first layer is done by several threads. */
function source(): ModelSource {
  const network = networkByName('lenet-300-100');
  const random = new Random(5, 'weights');
  const tensors = parametersOf(network).map(({ name, shape }) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () =>
      random.uniform() < 0.4 ? 0.1 * random.normal() : 0,
    );
    return [name, float32(shape, values, name)] as const;
  });
  return { network, tensors: new Map(tensors) };
}

/** A program that ends without disposing of its model, and says what it did. */
const PROGRAM = `
const { createModel } = require('@espalier/inference');
const { checkNetwork } = require('@espalier/models');
const { float32 } = require('@espalier/tensor');
void (async () => {
  const network = checkNetwork({ name: 'net', input: [400], layers: [{ type: 'dense', name: 'fc', units: 300, bias: false }] });
  const tensors = new Map([['fc/kernel', float32([400, 300], new Float32Array(120000).fill(1), 'fc/kernel')]]);
  const model = await createModel({ network, tensors }, { kernels: 'sparse', threads: 3 });
  const logits = model.run(new Float32Array(400).fill(1));
  if (process.argv[1] === 'in the middle') process.exit(logits[299] === 400 ? 7 : 1);
  console.log(model.plan.layers[0].threads, logits[0], logits[299]);
})();
`;

describe('threads of inference', () => {
  it('give the same bits as one thread on all test images', async () => {
    const { images, count } = readMnist().test;
    const pixels = Float32Array.from(images, (pixel) => pixel / 255);
    const alone = await createModel(source(), { kernels: 'sparse', threads: 1 });
    const several = await createModel(source(), { kernels: 'sparse', threads: 2 });
    expect(several.plan.layers.map(({ threads }) => threads)).toContain(2);
    let differing = 0;
    for (let i = 0; i < count; i++) {
      const image = pixels.subarray(784 * i, 784 * (i + 1));
      const expected = alone.run(image);
      if (!several.run(image).every((logit, c) => Object.is(logit, expected[c]))) differing++;
    }
    several.dispose();
    expect(differing).toBe(0);
  });

  it.each([
    ['', 0, '3 400 400\n'],
    ['in the middle', 7, ''],
  ])('keep no process alive that ends: %s', async (how, code, output) => {
    const options = ['--require', join(ROOT, 'tools/cli/bin/source.cjs'), '--eval', PROGRAM, how];
    const child = spawn(process.execPath, options, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    expect(await once(child, 'close')).toEqual([code, null]);
    expect(text).toBe(output);
  });
});
