/** LeNet-5 pruned by the patterns of plugin-nm and plugin-channels, as a stage does it: exact patterns, exact counts. */
import { Random } from '@espalier/base';
import { networkByName, parametersOf } from '@espalier/models';
import { bindCriterion, bindGranularity, type Criterion, type Granularity } from '@espalier/plugin-api';
import channels from '@espalier/plugin-channels';
import patterns from '@espalier/plugin-nm';
import { CRITERIA, GRANULARITIES, prune, type PruneLayer } from '@espalier/pruning';
import { sizeOf, type Mask } from '@espalier/tensor';

const layers: readonly PruneLayer[] = parametersOf(networkByName('lenet-5'))
  .filter(({ prunable }) => prunable)
  .map(({ name, shape }) => {
    const random = new Random(1, name);
    const weights = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
    return { name, shape, weights };
  });

async function masksOf(
  granularity: Granularity,
  keep: number,
  criterion?: Criterion,
): Promise<Map<string, Mask>> {
  const { masks } = await prune({
    layers,
    criterion: criterion ?? CRITERIA['magnitude'],
    granularity,
    selection: { scope: 'layer', amounts: { keep } },
    random: new Random(2),
  });
  return masks;
}

/** [inputs, outputs] of a kernel, a convolution's window before its channels. */
function matrixOf(mask: Mask): { readonly rows: number; readonly columns: number } {
  const columns = mask.shape[mask.shape.length - 1];
  return { rows: mask.size / columns, columns };
}

it.each(['input', 'window'])(
  '2:4 along the %s keeps exactly two of each four, the larger ones',
  async (along) => {
    const wrong: string[] = [];
    const masks = await masksOf(bindGranularity(patterns, 'nm', { n: 2, m: 4, along }), 1);
    for (const { name, shape, weights } of layers) {
      const mask = masks.get(name) as Mask;
      const { rows, columns } = matrixOf(mask);
      // Sets end at the end of a position's channels, or of the whole window.
      const run = along === 'input' ? shape[shape.length - 2] : rows;
      for (let column = 0; column < columns; column++) {
        for (let from = 0; from < rows; from += run) {
          for (let first = from; first < from + run; first += 4) {
            const set = [0, 1, 2, 3].map((k) => first + k).filter((row) => row < from + run);
            const place = (row: number): number => row * columns + column;
            const kept = set.filter((row) => mask.get(place(row)));
            if (kept.length !== Math.min(2, set.length)) wrong.push(`${name}: set ${first}, ${column}`);
            const magnitudes = set.map((row) => Math.abs(weights[place(row)])).sort((a, b) => b - a);
            const least = magnitudes[kept.length - 1];
            if (kept.some((row) => Math.abs(weights[place(row)]) < least))
              wrong.push(`${name}: set ${first}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  },
);

it('blocks of 4 x 4 stay or go as a whole, exactly a quarter of them', async () => {
  const masks = await masksOf(bindGranularity(patterns, 'block', { rows: 4, columns: 4 }), 0.25);
  for (const mask of masks.values()) {
    const { rows, columns } = matrixOf(mask);
    const blocks = new Map<string, Set<boolean>>();
    for (let i = 0; i < mask.size; i++) {
      const block = `${Math.floor(i / columns / 4)},${Math.floor((i % columns) / 4)}`;
      blocks.set(block, (blocks.get(block) ?? new Set()).add(mask.get(i)));
    }
    expect(blocks.size).toBe(Math.ceil(rows / 4) * Math.ceil(columns / 4));
    expect([...blocks.values()].every((states) => states.size === 1)).toBe(true);
    const kept = [...blocks.values()].filter((states) => states.has(true)).length;
    expect(kept).toBe(Math.ceil(blocks.size / 4));
  }
});

it.each(['filter-l1', 'geometric-median'])('%s removes whole units, exactly half of them', async (name) => {
  const masks = await masksOf(GRANULARITIES['unit'], 0.5, bindCriterion(channels, name));
  for (const mask of masks.values()) {
    const { rows, columns } = matrixOf(mask);
    const left = Array.from({ length: columns }, (_, unit) => {
      let kept = 0;
      for (let row = 0; row < rows; row++) if (mask.get(row * columns + unit)) kept++;
      return kept;
    });
    expect(left.every((kept) => kept === 0 || kept === rows)).toBe(true);
    expect(left.filter((kept) => kept > 0)).toHaveLength(columns / 2);
  }
});
