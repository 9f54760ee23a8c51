/** What every regrowth promises (see ../regrowth.ts). */
import { Random } from '@espalier/base';
import { Mask } from '@espalier/tensor';
import type { OptionValues } from '../options';
import { REGROWTH_NEEDS, type RegrowInput } from '../regrowth';
import type { PluginDefinition } from '../define-plugin';
import { checksOf, wrong, type Check } from './check';
import { insideLargerBuffer, requireArray, sameBits } from './compare';
import { COST, measureCost } from './measure-cost';
import { watched } from './score-input';
import { defaultTrial, forEachTrial, trialsOf, type Trial } from './trials';
import { normals, weightCases } from './weight-cases';

type Definition = NonNullable<PluginDefinition['regrowths']>[string];

export function regrowthChecks(name: string, definition: Definition, seed: number): Check[] {
  const checks: Check[] = [];
  const add = checksOf(`regrowth "${name}"`, checks);
  const trials = trialsOf(definition.options, weightCases(new Random(seed, name)));
  const input = (trial: Trial, views = false): RegrowInput<OptionValues> =>
    regrowInput(definition, trial, { seed, views });
  const regrow = async (trial: Trial): Promise<Mask> => definition.regrow(input(trial));

  add(
    'gives a mask of the layer',
    'Begin with `const grown = mask.clone();` and call `grown.set(i, true)` for what returns.',
    async () => {
      await forEachTrial(trials, async (trial) => requireMask(await regrow(trial), trial));
    },
  );
  add(
    'keeps what the pruning kept',
    'A regrowth only adds: what goes is the affair of the criterion.',
    async () => {
      await forEachTrial(trials, async (trial) => {
        const { mask } = input(trial);
        const grown = await regrow(trial);
        requireMask(grown, trial);
        const at = mask.bits.findIndex((byte, i) => (byte & ~grown.bits[i]) !== 0);
        if (at >= 0)
          wrong(`${trial.where}: weights near ${8 * at} are kept by the pruning and not by its answer`);
      });
    },
  );
  add(
    'gives the same mask for the same input, and leaves that as it was',
    'Draw from `random` of the input alone, keep nothing between calls, and change a clone of the mask.',
    async () => {
      await forEachTrial(trials, async (trial) => {
        const given = input(trial, true);
        const [first, second] = [(await regrow(trial)).bits.slice(), await definition.regrow(given)];
        if (!sameBits(first, second.bits)) wrong(`${trial.where}: the masks differ`);
        const changed = changedPart(given, input(trial));
        if (changed) wrong(`${trial.where}: it changed "${changed}"`);
      });
    },
  );
  add(
    'asks only for what it declares',
    `Name it in \`needs\`; there are ${REGROWTH_NEEDS.join(', ')}.`,
    async () => {
      const read = new Set<string>();
      await forEachTrial(
        trials,
        async (trial) => void (await definition.regrow(watched(input(trial), read))),
      );
      const first = REGROWTH_NEEDS.find(
        (need) => need !== 'weights' && !definition.needs.includes(need) && read.has(need),
      );
      if (first) wrong(`it reads "${first}", which is not in its needs`);
    },
  );
  add(COST, 'Sort at most, compare no weight with every other, and hold no tensors after the call.', () =>
    measureCost(seed, (layer) => {
      const given = input(defaultTrial(definition.options, layer));
      return () => definition.regrow(given);
    }),
  );
  return checks;
}

/** A quarter of what was kept before goes in this step; removed weights have gradients and latent values too. */
function regrowInput(
  { needs }: Definition,
  { layer, options }: Trial,
  { seed, views }: { readonly seed: number; readonly views: boolean },
): RegrowInput<OptionValues> {
  const { shape, gradientScale } = layer;
  const random = new Random(seed, `${shape.join()} ${layer.what}`);
  const place = (values: Float32Array): Float32Array => (views ? insideLargerBuffer(values) : values.slice());
  const numbers = (scale: number, label: string): Float32Array =>
    place(normals(layer.weights.length, scale, random.fork(label)));
  const previousMask = layer.mask?.clone() ?? Mask.full(shape);
  const mask = Mask.fromFlags(
    shape,
    previousMask.toFlags().map((kept, i) => (i % 4 === 3 ? 0 : kept)),
  );
  return {
    name: 'fc1/kernel',
    shape,
    weights: place(layer.weights),
    previousMask,
    mask,
    ...(needs.includes('gradients') && { gradients: numbers(gradientScale, 'gradients') }),
    ...(needs.includes('latent') && { latent: numbers(1, 'latent') }),
    random: random.fork('random'),
    options,
  };
}

function requireMask(grown: Mask, { layer, where }: Trial): void {
  const size = layer.weights.length;
  requireArray(grown?.bits, 'Uint8Array', Math.ceil(size / 8), `${where}, bits of the mask`);
  if (grown.size !== size) wrong(`${where}: its mask is of ${grown.size} weights, not ${size}`);
  const last = grown.bits[grown.bits.length - 1];
  if ((size & 7) !== 0 && last >> (size & 7) !== 0)
    wrong(`${where}: the mask has bits beyond its last weight`);
}

function changedPart(given: RegrowInput, untouched: RegrowInput): string | undefined {
  if (!given.mask.equals(untouched.mask)) return 'mask';
  if (!given.previousMask.equals(untouched.previousMask)) return 'previousMask';
  return REGROWTH_NEEDS.find((need) => {
    const [now, before] = [given[need], untouched[need]];
    return now && before && !sameBits(now, before);
  });
}
