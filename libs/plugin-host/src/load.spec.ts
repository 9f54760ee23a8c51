import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, Random } from '@espalier/base';
import type {
  Codec,
  Criterion,
  Granularity,
  Plugin,
  Quantized,
  Quantizer,
  Regrowth,
  Schedule,
} from '@espalier/plugin-api';
import { Mask } from '@espalier/tensor';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { LoadedPlugin } from './loaded-plugin';
import { openPluginHost } from './open-plugin-host';
import type { PluginHost } from './plugin-host';
import { copyHostile, hostileFolder, killAll, processesIn } from './testing/hostile';

const GOOD = hostileFolder('good');
const SHAPE = [3, 4];
const WEIGHTS = Float32Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 0 : (i - 5) / 4));
const layer = (): { name: string; shape: number[]; random: Random } => ({
  name: 'fc1/kernel',
  shape: SHAPE,
  random: new Random(3, 'layer'),
});

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );

const signsOf = (quantized: Quantized): number[] | undefined =>
  quantized.kind === 'codebook' && quantized.signs ? [...quantized.signs.toFlags()] : undefined;

describe('a plugin in a process of its own', () => {
  let host: PluginHost;
  let own: LoadedPlugin;
  let inside: LoadedPlugin;
  let folder: string;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'espalier-good-')));
    host = await openPluginHost({ allow: ['good'] });
    own = await host.load({ from: copyHostile('good', folder) });
    // The fixture is what a stranger writes: CommonJS, and our contracts from outside.
    inside = host.inProcess(jest.requireActual<Plugin>('./testing/plugins/good/plugin.cjs'));
  });
  afterAll(async () => {
    await host[Symbol.asyncDispose]();
    expect(processesIn(join(folder, 'good'))).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('says the same of itself, and answers the same bits, as in the process of the host', async () => {
    expect(own.manifest).toEqual(inside.manifest);
    const answers = await Promise.all(
      [own, inside].map(async (plugin) => {
        const previousMask = Mask.fromFlags(SHAPE, WEIGHTS);
        const input = { ...layer(), weights: WEIGHTS, previousMask };
        const pairs: Granularity = plugin.granularity('pairs');
        const raw: Codec = plugin.codec('raw');
        const bytes = await raw.encode({ ...layer(), values: WEIGHTS });
        const sign: Quantizer = plugin.quantizer('sign');
        const all: Regrowth = plugin.regrowth('all');
        const power: Criterion = plugin.criterion('power', { power: 2 });
        const square: Schedule = plugin.schedule('square');
        return {
          power: await power.score({ ...input, options: power.defaults }),
          chance: await plugin.criterion('chance').score(input),
          count: await pairs.groupCount(SHAPE),
          of: await pairs.groupsOf(SHAPE),
          pattern: await pairs.pattern?.(SHAPE),
          completion: await square.completion(0.5),
          bytes: new Uint8Array(bytes),
          decoded: await raw.decode({ ...layer(), bytes }),
          quantized: await sign.quantize({ ...layer(), values: WEIGHTS }),
          mirrored: signsOf(await plugin.quantizer('mirror').quantize({ ...layer(), values: WEIGHTS })),
          regrown: (await all.regrow({ ...input, mask: Mask.empty(SHAPE) })).toFlags(),
        };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0].power[1]).toBe(1);
    expect(answers[0].completion).toBe(0.25);
    expect(answers[0].mirrored).toEqual([...WEIGHTS].map((weight) => Number(weight < 0)));
    expect([...answers[0].regrown]).toEqual([...WEIGHTS].map((weight) => (weight === 0 ? 0 : 1)));
  });

  it('may be installed as a link, as the packages of a workspace are', async () => {
    const base = await mkdtemp(join(tmpdir(), 'espalier-linked-'));
    try {
      await mkdir(join(base, 'node_modules'));
      await symlink(GOOD, join(base, 'node_modules/good'));
      await using linked = await host.load({ from: 'good', base });
      expect(linked.ref).toEqual(own.ref);
    } finally {
      await rm(base, { recursive: true });
    }
  });

  it('is sent what it declares and nothing else', async () => {
    const given = { ...layer(), weights: WEIGHTS, gradients: WEIGHTS, previousMask: Mask.empty(SHAPE) };
    // With the mask every score would be 0: `power` does not declare it, `chance` does.
    expect([...(await own.criterion('chance').score(given))].every((score) => score === 0)).toBe(true);
    expect((await own.criterion('power').score(given))[1]).toBe(1);
    const inputNorms = Float32Array.of(1, 10, 100);
    const normed = await own.criterion('normed').score({ ...given, inputNorms });
    expect([...normed]).toEqual([...WEIGHTS].map((w, i) => Math.abs(w) * inputNorms[Math.floor(i / 4)]));
  });

  it('answers many calls that are under way at the same time, each its own', async () => {
    const power = own.criterion('power');
    const scores = await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        power.score({ ...layer(), shape: [1], weights: Float32Array.of(-i) }),
      ),
    );
    expect(scores.map(([score]) => score)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(own.statistics.unanswered).toBe(0);
  });

  it('scores a tensor that needs many messages', async () => {
    const weights = Float32Array.from({ length: 5_000_001 }, (_, i) => -(i % 1000));
    const scores = await own.criterion('power').score({ ...layer(), shape: [5_000_001], weights });
    expect(scores.every((score, i) => score === i % 1000)).toBe(true);
  });

  it('fails a call whose code throws, and goes on', async () => {
    const score = (name: string): Promise<Float32Array> =>
      own.criterion(name).score({ ...layer(), weights: WEIGHTS });
    await expect(score('throws')).rejects.toThrow(
      'PLUGIN_THREW: the criterion "throws" of the plugin "good" failed: not the layer fc1/kernel',
    );
    expect((await score('power'))[1]).toBe(1);
    expect(own.statistics.restarts).toBe(0);
  });

  it('feeds an observer and passes on what it publishes', async () => {
    const events$ = from([1, 2].map((seq) => ({ type: 'stage.done', at: seq, seq, fields: { error: 0.1 } })));
    const observations$ = own.observer('count').observe(events$, { run: 'r1', folder: tmpdir() });
    expect(await lastValueFrom(observations$.pipe(toArray()))).toEqual([
      { kind: 'point', series: 'count', x: 1, y: 1 },
      { kind: 'point', series: 'count', x: 2, y: 2 },
    ]);
  });

  it('refuses contributions and options that there are not', () => {
    expect(() => own.criterion('powr')).toThrow('did you mean "power"?');
    expect(() => own.criterion('power', { power: 0 })).toThrow('PLUGIN_OPTION');
    expect(() => own.criterion('power', { exponent: 1 })).toThrow('PLUGIN_UNKNOWN_OPTION');
  });

  it('is described without being kept', async () => {
    const { ref, manifest } = await host.describe({ from: GOOD });
    expect(ref).toEqual(own.ref);
    expect(manifest).toEqual(own.manifest);
    expect(ref.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('ends when it is drained: calls under way are answered, later ones refused', async () => {
    const plugin = await host.load({ from: GOOD });
    const power = plugin.criterion('power');
    const call = power.score({ ...layer(), weights: WEIGHTS });
    const drained = plugin.drain(10_000);
    expect(await codeOf(power.score({ ...layer(), weights: WEIGHTS }))).toBe('PLUGIN_CLOSED');
    expect((await call)[1]).toBe(1);
    expect(await drained).toEqual({ answered: 1, unanswered: 0 });
  });

  it('is sent no more calls a second than it may get; the others wait', async () => {
    await using slow = await openPluginHost({ allow: ['*'], limits: { callsPerSecond: 4 } });
    const plugin = await slow.load({ from: GOOD });
    const power = plugin.criterion('power');
    const begunMs = performance.now();
    const calls = Array.from({ length: 8 }, () => power.score({ ...layer(), weights: WEIGHTS }));
    expect((await Promise.all(calls)).map((scores) => scores[1])).toEqual(calls.map(() => 1));
    // At most four of them at once, then one each quarter of a second.
    expect(performance.now() - begunMs).toBeGreaterThan(950);
  });

  it('is asked again on a new process when the old one is killed from outside', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'espalier-killed-'));
    await cp(GOOD, folder, { recursive: true });
    const plugin = await host.load({ from: folder });
    const weights = new Float32Array(20_000_000).fill(-2);
    const call = plugin.criterion('power', { power: 3 }).score({ ...layer(), shape: [20_000_000], weights });
    while (plugin.statistics.unanswered === 0) await new Promise(setImmediate);
    killAll(processesIn(folder));
    expect((await call)[0]).toBe(8);
    expect(plugin.statistics.restarts).toBe(1);
    await plugin[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
});

describe('a plugin is not started', () => {
  it.each([
    ['which nobody allowed', ['other'], {}, 'PLUGIN_NOT_ALLOWED'],
    ['whose digest is another', ['*'], { digest: '0'.repeat(64) }, 'PLUGIN_DIGEST'],
    ['whose version is another', ['*'], { version: '1.0.1' }, 'PLUGIN_IDENTITY'],
  ])('%s', async (_, allow, expect_, code) => {
    await using host = await openPluginHost({ allow });
    expect(await codeOf(host.load({ from: GOOD, expect: expect_ }))).toBe(code);
  });

  it('which is not there', async () => {
    await using host = await openPluginHost({ allow: ['*'] });
    expect(await codeOf(host.load({ from: './nowhere' }))).toBe('PLUGIN_NOT_FOUND');
    expect(await codeOf(host.load({ from: 'no-such-package-anywhere' }))).toBe('PLUGIN_NOT_FOUND');
  });
});

describe('a plugin is started and not let in', () => {
  async function stranger(definition: string): Promise<string | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'espalier-stranger-'));
    try {
      await cp(GOOD, folder, { recursive: true });
      await writeFile(
        join(folder, 'plugin.cjs'),
        `const plugin = ${definition};\nmodule.exports = { name: 'good', version: '1.0.0', host: '^1.0.0', ...plugin };\n`,
      );
      await using host = await openPluginHost({ allow: ['*'], limits: { maxRestarts: 0 } });
      return await codeOf(host.load({ from: folder }));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  const scores = (body: string): string =>
    `{ criteria: { a: { needs: ['weights'], score: (input) => ${body} } } }`;

  it.each([
    ['whose scores are not as many as the weights', scores('input.weights.slice(1)'), 'PLUGIN_CANARY'],
    ['whose scores are not finite', scores('input.weights.map(() => NaN)'), 'PLUGIN_CANARY'],
    ['that answers the same in two ways', scores('input.weights.map(() => Math.random())'), 'PLUGIN_CANARY'],
    ['that says another name', `{ name: 'better', ...${scores('input.weights')} }`, 'PLUGIN_IDENTITY'],
    [
      'that was made for another host',
      `{ host: '^9.0.0', ...${scores('input.weights')} }`,
      'PLUGIN_HOST_VERSION',
    ],
    ['that does not start', `(() => { throw new Error('no') })()`, 'PLUGIN_START'],
    [
      'whose schedule falls',
      `{ schedules: { a: { completion: (p) => (p === 0.5 ? 0 : p) } } }`,
      'PLUGIN_CANARY',
    ],
  ])('%s', async (_, definition, code) => {
    expect(await stranger(definition)).toBe(code);
  });
});
