/** A contribution of each kind in about ten lines that works, to be changed; JavaScript that is TypeScript too. */
import type { ContributionKind } from '@espalier/plugin-api';

export interface ContributionCode {
  /** The key of `definePlugin`: `criteria`. */
  readonly group: string;
  /** Names that it uses from @espalier/plugin-api, besides definePlugin. */
  readonly uses?: readonly string[];
  /** Names that it uses from rxjs. */
  readonly rxjs?: readonly string[];
  /** The definition, as it stands behind its name, with two spaces for each level below it. */
  readonly code: string;
  /** The body of one test of what it does itself; `it` holds the definition. */
  readonly test: string;
  /** What the test says. */
  readonly tested: string;
}

export const CONTRIBUTION_CODE: Readonly<Record<ContributionKind, ContributionCode>> = {
  criterion: {
    group: 'criteria',
    code: `{ needs: ['weights'], score: ({ weights }) => weights.map((weight) => Math.abs(weight)) }`,
    tested: 'lets the smaller weight go first',
    test: `const weights = Float32Array.of(-2, 1);
const input = { name: 'fc1/kernel', shape: [1, 2], weights, random: new Random(1), options: {} };
const [large, small] = await it.score(input);
assert.ok(large > small);`,
  },
  granularity: {
    group: 'granularities',
    uses: ['sizeOf'],
    code: `{
  description: 'Weights go in pairs of neighbours.',
  groupCount: (shape) => Math.ceil(sizeOf(shape) / 2),
  groupsOf: (shape) => Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i >> 1),
}`,
    tested: 'puts neighbours together, and the odd one by itself',
    test: `assert.deepEqual([...it.groupsOf([1, 5], {})], [0, 0, 1, 1, 2]);`,
  },
  schedule: {
    group: 'schedules',
    code: `{
  description: 'Slowly at first.',
  options: {
    power: { type: 'number', default: 2, minimum: 1, maximum: 9, description: 'The larger, the later.' },
  },
  completion: (progress, { power }) => progress ** Number(power),
}`,
    tested: 'has done less than half at half time',
    test: `assert.ok(it.completion(0.5, { power: 2 }) < 0.5);`,
  },
  codec: {
    group: 'codecs',
    uses: ['sizeOf'],
    code: `{
  description: 'The upper 16 bits of each weight (bfloat16).',
  encode: ({ values }) => {
    const words = new Uint32Array(values.slice().buffer);
    return new Uint8Array(Uint16Array.from(words, (word) => word >>> 16).buffer);
  },
  decode: ({ bytes, shape }) => {
    if (bytes.length !== 2 * sizeOf(shape)) throw new Error('there are not two bytes for each weight');
    const words = Uint32Array.from(new Uint16Array(bytes.slice().buffer), (half) => half << 16);
    const values = new Float32Array(words.buffer);
    if (!values.every(Number.isFinite)) throw new Error('the bytes hold a value that is not finite');
    return values;
  },
}`,
    tested: 'takes half the bytes, and keeps two to three digits',
    test: `const input = { name: 'fc1/kernel', shape: [1, 2], values: Float32Array.of(0.1, 0), options: {} };
const bytes = await it.encode(input);
const [tenth, zero] = await it.decode({ ...input, bytes });
assert.equal(bytes.length, 4);
assert.ok(Math.abs(tenth - 0.1) < 0.001 && zero === 0);`,
  },
  quantizer: {
    group: 'quantizers',
    code: `{
  description: '8 bits a weight, one scale a layer.',
  quantize: ({ values }) => {
    const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const scale = largest === 0 ? 1 : largest / 127;
    const codes = Int8Array.from(values, (value) => Math.round(value / scale));
    return { kind: 'affine', codes, scales: Float32Array.of(scale) };
  },
}`,
    tested: 'gives the largest weight the largest code, and leaves 0 as it is',
    test: `const values = Float32Array.of(-3, 0);
const input = { name: 'fc1/kernel', shape: [1, 2], values, random: new Random(1), options: {} };
const { codes } = await it.quantize(input);
assert.deepEqual([...codes], [-127, 0]);`,
  },
  regrowth: {
    group: 'regrowths',
    code: `{
  description: 'A share of what was removed comes back by chance.',
  needs: ['weights'],
  options: {
    share: { type: 'number', default: 0.1, minimum: 0, maximum: 1, description: 'Of the removed weights.' },
  },
  regrow: ({ mask, random, options }) => {
    const grown = mask.clone();
    for (let i = 0; i < mask.size; i++) {
      if (!mask.get(i) && random.uniform() < Number(options.share)) grown.set(i, true);
    }
    return grown;
  },
}`,
    tested: 'brings everything back when it is told to',
    test: `const mask = Mask.empty([2, 2]);
const input = { name: 'fc1/kernel', shape: [2, 2], weights: new Float32Array(4), previousMask: mask, mask };
const grown = await it.regrow({ ...input, random: new Random(1), options: { share: 1 } });
assert.equal(grown.count(), 4);`,
  },
  observer: {
    group: 'observers',
    rxjs: ['filter', 'map'],
    code: `{
  description: 'The loss while it trains, as a series.',
  events: ['stage.progress'],
  observe: (events$) =>
    events$.pipe(
      map(({ fields }) => Number(fields.loss)),
      filter((loss) => Number.isFinite(loss)),
      map((y, x) => ({ kind: 'point', series: 'loss', x, y })),
    ),
}`,
    tested: 'draws points while the network trains',
    test: `const points$ = it.observe(from(sampleEvents()), { run: 'run-1', folder: '.', options: {} });
const points = await lastValueFrom(points$.pipe(toArray()));
assert.ok(points.length > 0 && points.every((point) => point.kind === 'point'));`,
  },
};
