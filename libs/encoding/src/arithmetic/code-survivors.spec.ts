import { Random } from '@espalier/base';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { codeSurvivorsPlainly } from './survivors-plainly';
import { codeSurvivorsByKernel, type Survivors } from './kernel/code-survivors';
import { KERNEL_HEX } from './kernel/kernel-hex';
import { kernelPlatform } from './kernel/platform';
import { kernelView, scanOrdersFor, type ImageLayout, type KernelView } from './kernel-view';
import { findLive, liveLinesOf } from './live-lines';
import { FIRST_MODEL, FOURTH_MODEL, SECOND_MODEL } from './coder-model';
import { RangeDecoder, RangeEncoder } from './range-coder';

const platform = kernelPlatform();

interface Layer {
  readonly shape: readonly number[];
  readonly image?: ImageLayout;
}

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

const layers: fc.Arbitrary<Layer> = fc.oneof(
  fc.tuple(size(40), size(40)).map(([rows, outputs]) => ({ shape: [rows, outputs] })),
  fc.tuple(size(9), size(9), size(5), size(12)).map(([h, w, c, outputs]) => ({
    shape: [h * w * c, outputs],
    image: [h, w, c] as const,
  })),
  fc.tuple(size(5), size(5), size(6), size(12)).map((shape) => ({ shape })),
  // Rows that are wider than what the kernel prepares at once.
  fc
    .tuple(size(12), fc.integer({ min: 60, max: 300 }))
    .map(([rows, outputs]) => ({ shape: [rows, outputs] })),
  fc
    .tuple(size(4), size(4), size(3), fc.integer({ min: 60, max: 200 }))
    .map(([h, w, c, outputs]) => ({ shape: [h * w * c, outputs], image: [h, w, c] as const })),
  fc.constant({ shape: [3000, 2] }),
  // Lines that are too long for a table of pairs.
  fc.constant({ shape: [4200, 2] }),
);

const cases = fc.record({
  layer: layers,
  seed: fc.integer(),
  negative: fc.nat(9),
  positive: fc.integer({ min: 1, max: 70 }),
  keep: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** Weights that cluster in rows and outputs, so that the adaptive parts are driven away from where they start. */
function randomCodes(
  view: KernelView,
  { seed, levels, keep }: { seed: number; levels: number; keep: number },
) {
  const random = new Random(seed);
  const rows = Float64Array.from({ length: view.rows }, () => 2 * random.uniform());
  const outputs = Float64Array.from({ length: view.outputs }, () => 2 * random.uniform());
  return Uint16Array.from({ length: view.rows * view.outputs }, (_, i) => {
    const share = keep * rows[Math.floor(i / view.outputs)] * outputs[i % view.outputs];
    return random.uniform() < share ? 1 + Math.min(random.below(levels), random.below(levels)) : 0;
  });
}

function survivorsOf({
  layer,
  seed,
  negative,
  positive,
  keep,
}: typeof cases extends fc.Arbitrary<infer T> ? T : never) {
  const view = kernelView(layer.shape, layer.image);
  const codes = randomCodes(view, { seed, levels: negative + positive, keep });
  const { rows, outputs } = findLive(view, codes);
  const indexes = (flags: Uint8Array): Int32Array =>
    Int32Array.from([...flags.keys()].filter((index) => flags[index] === 1));
  const live = { rows: indexes(rows), outputs: indexes(outputs) };
  const model = seed % 2 === 0 ? SECOND_MODEL : FOURTH_MODEL;
  return scanOrdersFor(view).flatMap((order) => [
    { scan: { view, live, order, model }, codes, split: { negative, positive } },
    { scan: { view, live, order, model }, codes: codes.map((code) => (code ? 1 : 0)) },
  ]);
}

function byKernel(coder: RangeEncoder | RangeDecoder, survivors: Survivors): Uint16Array | undefined {
  return platform && codeSurvivorsByKernel(platform, coder, survivors);
}

describe('the kernel of the mixing coder', () => {
  it('writes the bytes that the plain code writes, after whatever stands before, and reads them back', () => {
    fc.assert(
      fc.property(cases, fc.nat(3), (given, before) => {
        for (const { codes, ...frame } of survivorsOf(given)) {
          const [fast, plain] = [new RangeEncoder(), new RangeEncoder()];
          const indexBits: number[] = [];
          for (const coder of [fast, plain]) for (let i = 0; i < before; i++) coder.code(i % 2, 20000);
          byKernel(fast, { ...frame, codes, afterIndex: () => indexBits.push(fast.bitsSpent) });
          codeSurvivorsPlainly(plain, { ...frame, codes, afterIndex: () => indexBits.push(plain.bitsSpent) });
          expect(indexBits[0]).toBe(indexBits[1]);
          for (const coder of [fast, plain]) coder.code(1, 30000);
          const bytes = fast.finish();
          expect(same(bytes, plain.finish())).toBe(true);

          const decoders = [new RangeDecoder(bytes), new RangeDecoder(bytes)];
          for (const decoder of decoders) for (let i = 0; i < before; i++) decoder.code(0, 20000);
          expect(same(byKernel(decoders[0], frame), codes)).toBe(true);
          expect(same(codeSurvivorsPlainly(decoders[1], frame), codes)).toBe(true);
          for (const decoder of decoders) expect(decoder.code(0, 30000)).toBe(1);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('decodes noise as the plain code does, down to where it refuses to read on', () => {
    fc.assert(
      fc.property(cases, fc.uint8Array({ maxLength: 60 }), (given, noise) => {
        for (const { codes: _, ...frame } of survivorsOf(given)) {
          expect(outcome(() => byKernel(new RangeDecoder(noise), frame))).toEqual(
            outcome(() => codeSurvivorsPlainly(new RangeDecoder(noise), frame)),
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it('mixes a tensor of more than 2^20 weights once, by the calm rule, as the plain code does', () => {
    const view = kernelView([3, 3, 350, 340]);
    const codes = randomCodes(view, { seed: 5, levels: 30, keep: 0.05 });
    const scan = { view, live: liveLinesOf(view, codes), order: 'rows' as const, model: FOURTH_MODEL };
    const [fast, plain] = [new RangeEncoder(), new RangeEncoder()];
    const split = { negative: 12, positive: 18 };
    byKernel(fast, { scan, codes, split });
    codeSurvivorsPlainly(plain, { scan, codes, split });
    expect(same(fast.finish(), plain.finish())).toBe(true);
  });

  it('has streams that outgrow their first page', () => {
    const view = kernelView([600, 400]);
    const codes = randomCodes(view, { seed: 3, levels: 200, keep: 0.9 });
    const live = {
      rows: Int32Array.from({ length: 600 }, (_, i) => i),
      outputs: Int32Array.from({ length: 400 }, (_, i) => i),
    };
    const frame = {
      scan: { view, live, order: 'rows' as const, model: FOURTH_MODEL },
      split: { negative: 90, positive: 110 },
    };
    const coder = new RangeEncoder();
    byKernel(coder, { ...frame, codes });
    const bytes = coder.finish();
    expect(bytes.length).toBeGreaterThan(2 * 65536);
    expect(same(byKernel(new RangeDecoder(bytes), frame), codes)).toBe(true);
  });

  it.each([
    { what: 'nothing', signs: false, ranks: false, gain: -0.01 },
    { what: 'signs', signs: true, ranks: false, gain: 0.07 },
    { what: 'ranks', signs: false, ranks: true, gain: 0.09 },
    { what: 'both', signs: true, ranks: true, gain: 0.17 },
  ])('goes on mixing, after a trial, where contexts predict $what', ({ signs, ranks, gain }) => {
    const view = kernelView([400, 300]);
    const random = new Random(11);
    const sides = (count: number): number[] => Array.from({ length: count }, () => random.below(2));
    const [byRow, byOutput] = [sides(view.rows), sides(view.outputs)];
    const codes = Uint16Array.from({ length: view.rows * view.outputs }, (_, at) => {
      const [row, output] = [Math.floor(at / view.outputs), at % view.outputs];
      const plus = signs && random.below(10) > 0 ? byRow[row] ^ byOutput[output] : random.below(2);
      const rank = ranks ? 32 * byRow[row] + random.below(32) : random.below(64);
      return random.below(2) === 0 ? 0 : plus ? 65 + rank : 64 - rank;
    });
    const live = liveLinesOf(view, codes);
    const lengths = [SECOND_MODEL, FOURTH_MODEL].map((model) => {
      const frame = {
        scan: { view, live, order: 'rows' as const, model },
        split: { negative: 64, positive: 64 },
      };
      const [fast, plain] = [new RangeEncoder(), new RangeEncoder()];
      byKernel(fast, { ...frame, codes });
      codeSurvivorsPlainly(plain, { ...frame, codes });
      const bytes = fast.finish();
      expect(same(bytes, plain.finish())).toBe(true);
      expect(same(byKernel(new RangeDecoder(bytes), frame), codes)).toBe(true);
      return bytes.length;
    });
    const [always, tried] = lengths;
    expect(tried).toBeLessThan(1.002 * always);
    const survivors = codes.filter((code) => code !== 0).length;
    const evenBytes = (view.rows * view.outputs + 7 * survivors) / 8;
    expect(1 - tried / evenBytes).toBeGreaterThan(gain);
  });

  it('leaves the first version of the format to the plain code', () => {
    const view = kernelView([2, 2]);
    const live = { rows: Int32Array.of(0, 1), outputs: Int32Array.of(0, 1) };
    const scan = { view, live, order: 'rows' as const, model: FIRST_MODEL };
    expect(byKernel(new RangeEncoder(), { scan, codes: Uint16Array.of(1, 0, 0, 1) })).toBeUndefined();
  });

  it('is what its source compiles to', () => {
    const build = join(__dirname, '../../../../tools/assembly/build-kernel.mjs');
    const fresh = execFileSync(process.execPath, [build, 'encoding', '--print'], { encoding: 'utf8' });
    expect(fresh).toBe(KERNEL_HEX);
  });
});

/** Jest's own comparison takes milliseconds for a thousand elements. */
function same(a: Uint8Array | Uint16Array | undefined, b: Uint8Array | Uint16Array): boolean {
  return a?.length === b.length && a.every((value, i) => value === b[i]);
}

function outcome(decode: () => Uint16Array | undefined): unknown {
  try {
    return decode()?.join();
  } catch (error) {
    return error;
  }
}
