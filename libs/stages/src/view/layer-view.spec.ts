import { inflateRawSync } from 'node:zlib';
import { VIEW_LIMITS, encodeMessage, message, type LayerView } from '@espalier/protocol';
import { Mask, sizeOf, type Shape } from '@espalier/tensor';
import { layerView } from './layer-view';
import { cellsOf } from './picture';

/** A kernel of which about that share is kept, with zeros for the rest: a linear congruential generator, as there are millions. */
function kernel(shape: Shape, keptShare: number) {
  const weights = new Float32Array(sizeOf(shape));
  let state = 7;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  for (let i = 0; i < weights.length; i++) if (next() < keptShare) weights[i] = (next() - 0.5) / 3 || 0.1;
  return { shape, weights, mask: Mask.fromFlags(shape, weights) };
}

const bytesOf = ({ picture }: LayerView): Uint8Array =>
  new Uint8Array(inflateRawSync(Buffer.from(picture?.data ?? '', 'base64')));

const sum = (counts: readonly number[] = []): number => counts.reduce((total, count) => total + count, 0);

describe('the picture of a layer', () => {
  it('is its mask, bit by bit', () => {
    const { shape, weights, mask } = kernel([37, 11], 0.3);
    const view = layerView({ name: 'fc1', shape, weights, mask });
    expect(view).toMatchObject({ kind: 'dense', shape: [37, 11], weights: 407, kept: mask.count() });
    expect(view.picture).toMatchObject({ form: 'bits', rows: 37, cols: 11 });
    expect([...bytesOf(view)]).toEqual([...mask.bits]);
  });

  it('has a row for each weight that leads to a unit, for convolutions too', () => {
    const { shape, weights } = kernel([5, 5, 20, 50], 0.2);
    const view = layerView({ name: 'conv2', shape, weights });
    expect(view.kind).toBe('conv');
    expect(view.picture).toMatchObject({ form: 'bits', rows: 500, cols: 50 });
  });

  it('takes weights that are not zero for kept ones where there is no mask', () => {
    const { shape, weights, mask } = kernel([19, 3], 0.5);
    const [without, withMask] = [
      layerView({ name: 'a', shape, weights }),
      layerView({ name: 'a', shape, weights, mask }),
    ];
    expect(without).toEqual(withMask);
  });

  it.each([
    [[1000, 300], 0.1],
    [[257, 1021], 0.06],
    [[100, 2623], 0.9],
    [[3, 3, 128, 333], 0.4],
  ] as const)('of %j is summarised to cells of the share kept', (shape, keptShare) => {
    const { mask } = kernel(shape, keptShare);
    const { rows, cols, halves } = cellsOf(mask);
    const oracle = slowCells(mask, rows, cols);
    expect(Math.max(rows, cols)).toBeLessThanOrEqual(VIEW_LIMITS.maxCells);
    const cells = Array.from({ length: rows * cols }, (_, i) => (halves[i >> 1] >> ((i & 1) * 4)) & 15);
    expect(cells).toEqual(oracle);
    expect(new Set(cells).size).toBeGreaterThan(3);
  });

  it('shows a block with one weight as something, and one that lacks one weight as not all', () => {
    const mask = Mask.full([1024, 512]);
    mask.set(0, false);
    for (let row = 512; row < 1024; row++)
      for (let col = 0; col < 512; col++) mask.set(row * 512 + col, false);
    mask.set(1023 * 512 + 511, true);
    const { halves } = cellsOf(mask);
    expect(halves[0]).toBe(0xfe);
    expect(halves[1]).toBe(0xff);
    expect(halves.at(-2)).toBe(0);
    expect(halves.at(-1)).toBe(0x50);
  });

  it('fits into a control message when nothing of it can be packed', () => {
    const size = VIEW_LIMITS.maxBitWeights;
    const { shape, weights } = kernel([size / 256, 256], 0.5);
    const codes = Uint16Array.from(weights, (weight, i) => (weight === 0 ? 0 : 1 + (i % 256)));
    const codebook = Float32Array.from({ length: 256 }, (_, i) => Math.fround(Math.sin(i)));
    for (const layer of [
      layerView({ name: 'fc1', shape, shared: { codes, codebook } }),
      layerView({ name: 'fc1', ...kernel([640, 512], 0.5), threshold: 0.1 }),
    ]) {
      const body = { key: 'a'.repeat(64), layer };
      expect(encodeMessage(message('layer.view', body, { from: 'pruner-1' })).byteLength).toBeGreaterThan(
        1000,
      );
    }
  });
});

describe('the histogram of a layer', () => {
  it('counts what is kept, and no zeros of the mask', () => {
    const shape = [3, 3];
    const weights = Float32Array.of(0, -1, 1, 0, 0.5, 0, 0, 0, -0.001);
    const { histogram } = layerView({ name: 'a', shape, weights, threshold: 0.001 });
    const { from, to, counts, thresholds } = histogram ?? { counts: [] };
    expect([from, to, thresholds]).toEqual([-1, 1, [0.001]]);
    expect(sum(counts)).toBe(4);
    expect([counts[0], counts.at(-1), counts[49], counts[75]]).toEqual([1, 1, 1, 1]);
  });

  it('puts each weight into its bar', () => {
    const { shape, weights, mask } = kernel([50, 40], 0.4);
    const { from = 0, to = 0, counts = [] } = layerView({ name: 'a', shape, weights, mask }).histogram ?? {};
    const kept = [...weights].filter((weight) => weight !== 0);
    const width = (to - from) / counts.length;
    const oracle = counts.map((_, bar) => {
      const isLast = bar === counts.length - 1;
      return kept.filter((w) => w >= from + bar * width && (isLast || w < from + (bar + 1) * width)).length;
    });
    expect(counts).toEqual(oracle);
  });

  it('counts a weight that returns as 0 among the kept ones, and is absent when nothing is kept', () => {
    const mask = Mask.fromFlags([2, 2], [1, 1, 0, 0]);
    const weights = new Float32Array(4);
    expect(sum(layerView({ name: 'a', shape: [2, 2], weights, mask }).histogram?.counts)).toBe(2);
    expect(layerView({ name: 'a', shape: [2, 2], weights }).histogram).toBeUndefined();
  });

  it('of a large layer is near that of all its weights', () => {
    const { shape, weights, mask } = kernel([2100, 2049], 0.2);
    const { from = 0, to = 0, counts = [] } = layerView({ name: 'a', shape, weights, mask }).histogram ?? {};
    const exact = new Array<number>(counts.length).fill(0);
    for (const weight of weights) {
      if (weight === 0) continue;
      const bar = Math.floor(((weight - from) / (to - from)) * counts.length);
      exact[Math.min(counts.length - 1, bar)]++;
    }
    expect(Math.abs(sum(counts) / mask.count() - 1)).toBeLessThan(0.01);
    const farthest = Math.max(...counts.map((count, bar) => Math.abs(count / exact[bar] - 1)));
    expect(farthest).toBeLessThan(0.1);
  });
});

describe('the codebook of a layer', () => {
  const codes = Uint16Array.of(0, 1, 2, 2, 0, 4);
  const codebook = Float32Array.of(-0.5, 0.25, 0.3, 0.5);

  it('comes with how many weights each value has, and with a histogram of them', () => {
    const view = layerView({ name: 'fc1', shape: [2, 3], shared: { codes, codebook } });
    expect(view.kept).toBe(4);
    expect(view.codebook).toEqual({ centroids: [...codebook], counts: [1, 2, 0, 1] });
    expect(view.histogram).toMatchObject({ from: -0.5, to: 0.5 });
    expect(view.histogram?.counts[0]).toBe(1);
    expect(view.histogram?.counts[75]).toBe(2);
    expect(view.histogram?.counts.at(-1)).toBe(1);
  });

  it('has the negative of each value where signs stand apart', () => {
    const shared = { codes, codebook: Float32Array.of(0.25, 0.5, 0.75, 1) };
    const negative = Mask.fromFlags([2, 3], [0, 1, 0, 1, 0, 0]);
    const view = layerView({ name: 'fc1', shape: [2, 3], shared: { ...shared, negative } });
    expect(view.codebook).toEqual({
      centroids: [-1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1],
      counts: [0, 0, 1, 1, 0, 1, 0, 1],
    });
    expect(sum(view.histogram?.counts)).toBe(4);
  });

  it('is left out where it is too long to be looked at', () => {
    const long = { codes, codebook: new Float32Array(257).fill(1) };
    const view = layerView({ name: 'a', shape: [2, 3], shared: long });
    expect(view.codebook).toBeUndefined();
    expect(sum(view.histogram?.counts)).toBe(4);
  });
});

/** Weight by weight. */
function slowCells(mask: Mask, rows: number, cols: number): number[] {
  const width = mask.shape.at(-1) ?? 1;
  const height = mask.size / width;
  const kept = new Float64Array(rows * cols);
  const all = new Float64Array(rows * cols);
  const blockOf = (i: number, length: number, count: number): number => {
    let block = 0;
    while (Math.floor(((block + 1) * length) / count) <= i) block++;
    return block;
  };
  const colOf = Array.from({ length: width }, (_, col) => blockOf(col, width, cols));
  const rowOf = Array.from({ length: height }, (_, row) => blockOf(row, height, rows));
  for (let i = 0; i < mask.size; i++) {
    const cell = rowOf[Math.floor(i / width)] * cols + colOf[i % width];
    all[cell]++;
    if (mask.get(i)) kept[cell]++;
  }
  return Array.from(kept, (count, cell) => {
    if (count === 0 || count === all[cell]) return count === 0 ? 0 : 15;
    return Math.min(14, Math.max(1, Math.round(15 * Math.sqrt(count / all[cell]))));
  });
}
