/** The samples of this package's README: what authors copy must run, and pass the kit. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Mask } from '@espalier/tensor';
import { from, lastValueFrom, toArray } from 'rxjs';
import * as api from './index';
import * as testing from './testing';

const README = readFileSync(join(__dirname, '../README.md'), 'utf8');
/** A plugin in ten lines, then the parts of one file, then a test file. */
const BLOCKS = [...README.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code]) => code);
const [WHOLE, PARTS, TEST] = [BLOCKS[0], BLOCKS.slice(1, -1).join('\n'), BLOCKS[BLOCKS.length - 1]];

/** What a file exports, with the packages that its author would have. */
function evaluate(source: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  const own = { '@espalier/plugin-api': api, '@espalier/plugin-api/testing': testing, ...more };
  const outside = createRequire(__filename);
  const require = (name: string): unknown =>
    Object.hasOwn(own, name) ? own[name as keyof typeof own] : outside(name);
  const module = { exports: {} };
  new Function('require', 'module', source)(require, module);
  return module.exports;
}

const samples = evaluate(PARTS) as Required<api.Plugin>;
const random = new api.Random(1);

describe("the README's plugins", () => {
  it('are a whole one in ten lines, and one of each kind', () => {
    expect(WHOLE.trim().split('\n').length).toBeLessThanOrEqual(10);
    const kinds = api.manifestOf(samples).contributions.map(({ kind }) => kind);
    expect(kinds).toEqual(Object.values(api.CONTRIBUTION_KINDS));
  });

  it.each([
    ['the whole one', evaluate(WHOLE) as api.Plugin],
    ['the samples', samples],
  ])('pass the kit: %s', async (_, plugin) => {
    const { checks } = await testing.checkPlugin(plugin);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(checks.length).toBeGreaterThan(0);
  });

  it('are tested by the test file: every check of the kit, by its name', () => {
    const named: string[] = [];
    const runner = {
      describe: (of: string, body: () => void) => (named.push(of), body()),
      it: (name: string) => named.push(name),
    };
    evaluate(TEST, { 'node:test': runner, './index.js': samples });
    expect(named).toEqual(
      expect.arrayContaining(['criterion "saliency"', 'gives each weight a finite score', 'codec "plain"']),
    );
  });
});

describe("the README's samples", () => {
  const shape = [2, 2];

  it('score by weight times gradient', async () => {
    const [weights, gradients] = [Float32Array.of(1, -2, 3, 0), Float32Array.of(0.5, 2, -1, 9)];
    const input = { name: 'fc1/kernel', shape, weights, gradients, random, options: { power: 2 } };
    expect([...(await samples.criteria['saliency'].score(input))]).toEqual([0.25, 16, 9, 0]);
  });

  it('keep two of four', () => {
    const { keep, setOf } = samples.granularities['two-of-four'].pattern?.([4, 2], {}) as api.Pattern;
    expect([keep, ...setOf]).toEqual([2, 0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it('do most of it late', () => {
    expect(samples.schedules['late'].completion(0.5, { power: 3 })).toBe(0.125);
  });

  it('code and decode without loss', async () => {
    const input = { name: 'fc1/kernel', shape, options: {} };
    const bytes = await samples.codecs['plain'].encode({ ...input, values: Float32Array.of(1, 0, -2, 3) });
    expect([...(await samples.codecs['plain'].decode({ ...input, bytes }))]).toEqual([1, 0, -2, 3]);
    expect(() => samples.codecs['plain'].decode({ ...input, bytes: bytes.subarray(1) })).toThrow('15 bytes');
  });

  it('give kept weights one of two values', async () => {
    const input = { name: 'fc1/kernel', shape, random, options: {} };
    const values = Float32Array.of(1, 0, -2, 3);
    expect(await samples.quantizers['ternary'].quantize({ ...input, values })).toEqual({
      kind: 'codebook',
      codes: Uint16Array.of(2, 0, 1, 2),
      codebook: Float32Array.of(-2, 2),
    });
  });

  it('bring back what has the largest gradient', async () => {
    const mask = Mask.fromFlags(shape, [1, 0, 0, 0]);
    const input = {
      name: 'fc1/kernel',
      shape,
      weights: new Float32Array(4),
      previousMask: mask,
      mask,
      random,
    };
    const gradients = Float32Array.of(9, 1, -3, 2);
    const grown = await samples.regrowths['steepest'].regrow({
      ...input,
      gradients,
      options: { share: 0.4 },
    });
    expect([...grown.toFlags()]).toEqual([1, 0, 1, 0]);
  });

  it('draw the loss', async () => {
    const context = { run: 'run-1', folder: '.', options: {} };
    const seen$ = samples.observers['loss'].observe(from(testing.sampleEvents()), context);
    const [first] = await lastValueFrom(seen$.pipe(toArray()));
    expect(first).toEqual({ kind: 'point', series: 'loss', x: 0, y: 0.1 });
  });
});
