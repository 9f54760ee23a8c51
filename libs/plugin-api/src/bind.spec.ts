import { Random } from '@espalier/base';
import {
  bindCodec,
  bindCriterion,
  bindGranularity,
  bindQuantizer,
  bindRegrowth,
  bindSchedule,
  definePlugin,
  manifestOf,
  splitReference,
} from './index';

const power = { type: 'number', default: 2, minimum: 0, description: 'The exponent.' } as const;
const plugin = definePlugin({
  name: '@mine/plugin',
  version: '1.2.3',
  host: '^1.0.0',
  criteria: {
    powered: {
      description: 'Powers of |w|.',
      needs: ['weights'],
      options: { power },
      score: ({ weights, options }) =>
        weights.map((w) => Math.abs(w) ** (options as { power: number }).power),
    },
  },
  granularities: {
    pairs: {
      groupCount: ([size]) => size,
      groupsOf: ([size]) => Uint32Array.from({ length: size }, (_, i) => i),
      pattern: ([size]) => ({ setOf: Uint32Array.from({ length: size }, (_, i) => i >> 1), keep: 1 }),
    },
    all: { groupCount: () => 1, groupsOf: ([size]) => new Uint32Array(size) },
  },
  schedules: {
    powered: { options: { power }, completion: (progress, { power: p }) => progress ** (p as number) },
  },
  codecs: {
    raw: {
      encode: ({ values }) => new Uint8Array(values.slice().buffer),
      decode: ({ bytes }) => new Float32Array(bytes.slice().buffer),
    },
  },
  quantizers: {
    signs: {
      quantize: ({ values }) => ({
        kind: 'affine',
        codes: Int8Array.from(values, Math.sign),
        scales: Float32Array.of(1),
      }),
    },
  },
  regrowths: { none: { needs: ['weights'], regrow: ({ mask }) => mask } },
});

describe('binding a contribution', () => {
  it('fills its options in over its defaults', async () => {
    const { defaults, score, ...rest } = bindCriterion(plugin, 'powered', { power: 3 });
    expect(rest).toEqual({ name: 'powered', version: '1.2.3', needs: ['weights'] });
    expect(defaults).toEqual({ power: 3 });
    const input = { name: 'a', shape: [2], weights: Float32Array.of(-2, 1), random: new Random(0) };
    expect([...(await score({ ...input, options: defaults }))]).toEqual([8, 1]);
    expect(bindSchedule(plugin, 'powered').completion(0.5)).toBe(0.25);
    expect(bindSchedule(plugin, 'powered', { power: 1 }).completion(0.5)).toBe(0.5);
  });

  it('keeps a pattern, and has none where there is none', () => {
    expect([...(bindGranularity(plugin, 'pairs').pattern?.([4]).setOf ?? [])]).toEqual([0, 0, 1, 1]);
    expect(bindGranularity(plugin, 'all').pattern).toBeUndefined();
  });

  it('gives codecs, quantizers and regrowths their input', async () => {
    const values = Float32Array.of(1, -2);
    const of = { name: 'a', shape: [2] };
    const codec = bindCodec(plugin, 'raw');
    expect(await codec.decode({ ...of, bytes: await codec.encode({ ...of, values }) })).toEqual(values);
    const random = new Random(0);
    const { codes } = await bindQuantizer(plugin, 'signs').quantize({ ...of, values, random });
    expect([...codes]).toEqual([1, -1]);
    expect(bindRegrowth(plugin, 'none').needs).toEqual(['weights']);
  });

  it('refuses what there is not, and options that do not fit', () => {
    expect(() => bindCriterion(plugin, 'power')).toThrow(
      'PLUGIN_CONTRIBUTION: the plugin "@mine/plugin" has no criterion called "power"; did you mean "powered"?',
    );
    expect(() => bindCodec(plugin, 'constructor')).toThrow('PLUGIN_CONTRIBUTION');
    expect(() => bindCriterion(plugin, 'powered', { power: -1 })).toThrow('PLUGIN_OPTION');
    expect(() => bindSchedule(plugin, 'powered', { powers: 1 })).toThrow('PLUGIN_UNKNOWN_OPTION');
  });
});

describe('manifestOf', () => {
  it('says what a recipe, a host and a form need to know, as plain JSON', () => {
    const manifest = manifestOf(plugin);
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
    expect(manifest).toMatchObject({ name: '@mine/plugin', version: '1.2.3', host: '^1.0.0' });
    expect(manifest.contributions.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'criterion powered',
      'granularity pairs',
      'granularity all',
      'schedule powered',
      'codec raw',
      'quantizer signs',
      'regrowth none',
    ]);
    expect(manifest.contributions[0]).toEqual({
      kind: 'criterion',
      name: 'powered',
      description: 'Powers of |w|.',
      needs: ['weights'],
      options: { power },
    });
    expect(manifest.contributions[1]).toEqual({ kind: 'granularity', name: 'pairs', pattern: true });
  });
});

describe('splitReference', () => {
  it('splits at the last slash, since names of plugins may have one', () => {
    expect(splitReference('magnitude')).toEqual({ name: 'magnitude' });
    expect(splitReference('mine/best')).toEqual({ plugin: 'mine', name: 'best' });
    expect(splitReference('@espalier/plugin-nm/nm')).toEqual({ plugin: '@espalier/plugin-nm', name: 'nm' });
  });
});
