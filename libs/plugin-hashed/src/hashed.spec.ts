import { Random } from '@espalier/base';
import {
  definePlugin,
  defaultsOf,
  type CodebookQuantized,
  type CodecDefinition,
  type QuantizerDefinition,
} from '@espalier/plugin-api';
import { sizeOf, type Shape } from '@espalier/tensor';
import fc from 'fast-check';
import { hashing, tensorSeed } from './hashing';
import plugin from './index';

const codec = plugin.codecs?.hashed as CodecDefinition;
const quantizer = plugin.quantizers?.hashed as QuantizerDefinition;
const defaults = defaultsOf(codec.options ?? {});

interface Tensor {
  readonly shape: Shape;
  readonly values: Float32Array;
}

const encode = (of: Tensor, options: object = {}, name = 'fc1/kernel'): Uint8Array =>
  codec.encode({ name, ...of, options: { ...defaults, ...options } }) as Uint8Array;
const decode = (shape: Shape, bytes: Uint8Array, name = 'fc1/kernel'): Float32Array =>
  codec.decode({ name, shape, bytes, options: defaults }) as Float32Array;
const quantize = ({ shape, values }: Tensor, options: object = {}): CodebookQuantized =>
  quantizer.quantize({
    name: 'fc1/kernel',
    shape,
    values,
    random: new Random(1),
    options: { ...defaults, ...options },
  }) as CodebookQuantized;

function weightsOf({ codes, codebook, signs }: CodebookQuantized): Float32Array {
  return Float32Array.from(codes, (code, i) =>
    code === 0 ? 0 : (signs?.get(i) ? -1 : 1) * codebook[code - 1],
  );
}

function drawn(shape: Shape, { seed = 1, kept = 1 } = {}): Tensor {
  const random = new Random(seed);
  const values = Float32Array.from({ length: sizeOf(shape) }, () =>
    random.uniform() < kept ? random.normal() : 0,
  );
  return { shape, values };
}

const tensors = fc
  .record({
    shape: fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 12 })),
      fc.tuple(
        fc.constant(2),
        fc.constant(3),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
      ),
    ),
    seed: fc.nat(),
    kept: fc.constantFrom(0, 0.1, 0.5, 1),
  })
  .map(({ shape, ...how }) => drawn(shape, how));
const options = fc.record({
  share: fc.constantFrom(0.01, 0.125, 1),
  buckets: fc.constantFrom(0, 7),
  seed: fc.nat(),
  values: fc.constantFrom('float32', 'float16', 'int8'),
});

it('is a well-defined plugin', () => {
  expect(definePlugin(plugin)).toBe(plugin);
});

describe('the hash', () => {
  it('spreads positions evenly over buckets and signs', () => {
    const { bucketOf, signOf } = hashing(16, tensorSeed('a', 0));
    const counts = new Array<number>(16).fill(0);
    let signs = 0;
    for (let i = 0; i < 16_000; i++) {
      counts[bucketOf(i)]++;
      signs += signOf(i);
    }
    // Five standard deviations around 1000 and 0.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(155);
    expect(Math.abs(signs)).toBeLessThan(640);
  });

  it('differs between tensors and between seeds', () => {
    const bucketsOf = (name: string, seed: number): number[] =>
      Array.from({ length: 50 }, (_, i) => hashing(1000, tensorSeed(name, seed)).bucketOf(i));
    expect(bucketsOf('a', 0)).not.toEqual(bucketsOf('b', 0));
    expect(bucketsOf('a', 0)).not.toEqual(bucketsOf('a', 1));
  });
});

describe('the quantizer', () => {
  it('gives each bucket the mean of its signed weights, which no other value fits better', () => {
    const tensor = drawn([40, 30], { kept: 0.4 });
    const quantized = quantize(tensor, { share: 0.2 });
    const errorOf = (codebook: Float32Array): number =>
      weightsOf({ ...quantized, codebook }).reduce((sum, w, i) => sum + (w - tensor.values[i]) ** 2, 0);
    const best = errorOf(quantized.codebook);
    for (let bucket = 0; bucket < quantized.codebook.length; bucket += 11) {
      for (const by of [-0.05, 0.05]) {
        const other = quantized.codebook.slice();
        other[bucket] += by;
        expect(errorOf(other)).toBeGreaterThanOrEqual(best);
      }
    }
  });

  it('removes nothing and brings nothing back', () => {
    fc.assert(
      fc.property(tensors, options, (tensor, how) => {
        const { codes, codebook } = quantize(tensor, how);
        expect([...codes].map((code) => code !== 0)).toEqual([...tensor.values].map((value) => value !== 0));
        expect(codebook.every((value) => value !== 0)).toBe(true);
        expect(Math.max(0, ...codes)).toBeLessThanOrEqual(codebook.length);
      }),
    );
  });

  it('has as many buckets as asked for, by number or by share of the survivors', () => {
    const tensor = drawn([40, 30], { kept: 0.5 });
    const survivors = tensor.values.filter((value) => value !== 0).length;
    expect(quantize(tensor, { share: 0.25 }).codebook).toHaveLength(Math.round(survivors / 4));
    expect(quantize(tensor, { buckets: 9 }).codebook).toHaveLength(9);
  });

  it('refuses more buckets than codes can name', () => {
    expect(() => quantize(drawn([300, 300]), { share: 1 })).toThrow('PLUGIN_HASHED_BUCKETS');
  });
});

describe('the codec', () => {
  it('gives the weights of the quantizer back to the bit, however they were trained since', () => {
    fc.assert(
      fc.property(tensors, options, ({ shape, values }, how) => {
        const quantized = quantize({ shape, values }, how);
        const trained = weightsOf({
          ...quantized,
          codebook: quantized.codebook.map((value, i) => value + i + 1e-3),
        });
        const bytes = encode({ shape, values: trained }, { ...how, values: 'float32' });
        expect([...decode(shape, bytes)]).toEqual([...trained].map((value) => value + 0));
      }),
    );
  });

  it('decodes to the same again, and removed weights to +0, whatever it is given', () => {
    fc.assert(
      fc.property(tensors, options, ({ shape, values }, how) => {
        const bytes = encode({ shape, values }, how);
        const once = decode(shape, bytes);
        expect(once).toHaveLength(sizeOf(shape));
        expect(decode(shape, bytes)).toEqual(once);
        values.forEach((value, i) => value === 0 && expect(Object.is(once[i], 0)).toBe(true));
      }),
    );
  });

  it('needs no name, seed or option to decode', () => {
    const { shape, values } = drawn([20, 20], { kept: 0.3 });
    const bytes = encode({ shape, values }, { seed: 77, share: 0.5, values: 'int8' });
    expect(decode(shape, bytes, 'another')).toEqual(decode(shape, bytes));
  });

  it.each([
    ['float32', 4],
    ['float16', 2],
  ])('stores a dense tensor as its %s values and 10 bytes', (kind, width) => {
    const tensor = drawn([64, 64]);
    expect(encode(tensor, { buckets: 100, values: kind })).toHaveLength(10 + 100 * width);
  });

  it('rounds to float16 as hardware does', () => {
    const values = Float32Array.of(
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      65519,
      1e9,
      2 ** -24,
      2 ** -25,
      0.1,
      2047.5 / 2048,
    );
    const shape = [8, 1];
    // One bucket a weight: a seed under which none collide, found by trying.
    const seed = Array.from({ length: 1e5 }, (_, each) => each).find((each) => {
      const { bucketOf } = hashing(8, tensorSeed('fc1/kernel', each));
      return new Set([0, 1, 2, 3, 4, 5, 6, 7].map(bucketOf)).size === 8;
    });
    const decoded = decode(shape, encode({ shape, values }, { buckets: 8, seed }));
    const expected = [1, 1 + 2 ** -9, 65504, 65504, 2 ** -24, 0, 0.0999755859375, 1];
    expect([...decoded]).toEqual(expected);
  });

  it('stores int8 values within half a step of their largest', () => {
    const { shape, values } = drawn([30, 30]);
    const exact = decode(shape, encode({ shape, values }, { values: 'float32' }));
    const rounded = decode(shape, encode({ shape, values }, { values: 'int8' }));
    const step = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    exact.forEach((value, i) => expect(Math.abs(rounded[i] - value)).toBeLessThanOrEqual(0.501 * step));
  });

  it('refuses damaged bytes, or decodes as many finite values as there should be', () => {
    const { shape, values } = drawn([20, 10], { kept: 0.4 });
    const bytes = encode({ shape, values });
    const damage = fc.record({
      at: fc.integer({ min: 0, max: bytes.length - 1 }),
      value: fc.integer({ min: 0, max: 255 }),
      length: fc.integer({ min: 0, max: bytes.length + 3 }),
    });
    fc.assert(
      fc.property(damage, ({ at, value, length }) => {
        const hostile = new Uint8Array(length);
        hostile.set(bytes.subarray(0, length));
        if (at < length) hostile[at] = value;
        let decoded: Float32Array | undefined;
        try {
          decoded = decode(shape, hostile);
        } catch (error) {
          expect((error as { code: string }).code).toBe('PLUGIN_HASHED_BYTES');
        }
        if (decoded) {
          expect(decoded).toHaveLength(200);
          expect(decoded.every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('reads for ever what version 1 wrote', () => {
    // 4 x 3, six survivors in three buckets, seed 5, float16.
    const golden = Uint8Array.from(Buffer.from(GOLDEN, 'base64'));
    const values = Float32Array.of(0.5, 0, 0, -1, 0.25, 0, 0, 2, 0, -0.75, 0, 1);
    expect(encode({ shape: [4, 3], values }, { buckets: 3, seed: 5 })).toEqual(golden);
    expect([...decode([4, 3], golden)]).toEqual(GOLDEN_WEIGHTS);
  });
});

const GOLDEN = 'AQMFOh5oAwAAAAQAAABigp45gDwAOwA0';
const GOLDEN_WEIGHTS = [-0.25, 0, 0, -0.25, 1.125, 0, 0, 1.125, 0, -0.875, 0, 0.875];
