/** What every granularity promises (see ../granularity.ts). */
import { Random } from '@espalier/base';
import type { Pattern } from '../granularity';
import type { PluginDefinition } from '../define-plugin';
import { checksOf, wrong, type Check } from './check';
import { firstDifference, requireArray, sameBits } from './compare';
import { keepHighest } from './keep-highest';
import { COST, measureCost } from './measure-cost';
import { defaultTrial, forEachTrial, trialsOf, type Trial } from './trials';
import { plainCases } from './weight-cases';

type Definition = NonNullable<PluginDefinition['granularities']>[string];

export function granularityChecks(name: string, definition: Definition, seed: number): Check[] {
  const checks: Check[] = [];
  const add = checksOf(`granularity "${name}"`, checks);
  const trials = trialsOf(definition.options, plainCases(new Random(seed, name)));
  // One in a process of its own answers with promises.
  const groups = async ({ layer, options }: Trial): Promise<Uint32Array> =>
    definition.groupsOf(layer.shape, options);
  const groupCount = async ({ layer, options }: Trial): Promise<number> =>
    definition.groupCount(layer.shape, options);

  add(
    'puts each weight into a group, and leaves no group empty',
    'Number the groups from 0 to groupCount - 1, one for each weight, row-major. At the edges, where a block does not fit, a smaller one is a group too.',
    async () => {
      await forEachTrial(trials, async (trial) => {
        const { where } = trial;
        const count = await groupCount(trial);
        if (!Number.isSafeInteger(count) || count < 1) wrong(`${where}: groupCount is ${String(count)}`);
        const of = await groups(trial);
        requireArray(of, 'Uint32Array', trial.layer.weights.length, where);
        const members = new Uint32Array(count);
        of.forEach((group, i) => {
          if (group >= count) wrong(`${where}: weight ${i} is in group ${group} of ${count}`);
          members[group]++;
        });
        const empty = members.indexOf(0);
        if (empty >= 0) wrong(`${where}: group ${empty} of ${count} has no weight`);
      });
    },
  );
  add(
    'depends on shape and options alone',
    'Keep nothing between calls, draw no random numbers, and give each caller an array of its own.',
    async () => {
      await forEachTrial(trials, async (trial) => {
        const first = await groups(trial);
        const kept = first.slice();
        first.fill(0);
        const second = await groups(trial);
        if (!sameBits(kept, second)) wrong(`${trial.where}: ${firstDifference(kept, second)}`);
        if ((await groupCount(trial)) !== (await groupCount(trial)))
          wrong(`${trial.where}: groupCount changes`);
      });
    },
  );
  if (definition.pattern) {
    const pattern = async ({ layer, options }: Trial): Promise<Pattern> =>
      definition.pattern?.(layer.shape, options) as Pattern;
    add(
      'says for each group in which set it competes, and how many of a set stay',
      'Give each group the number of its set, the sets from 0 without gaps, and `keep` as a whole number of at least 1.',
      async () => {
        await forEachTrial(trials, async (trial) => {
          const { setOf, keep } = await pattern(trial);
          requireArray(setOf, 'Uint32Array', await groupCount(trial), `${trial.where}, setOf`);
          if (!Number.isSafeInteger(keep) || keep < 1) wrong(`${trial.where}: keep is ${String(keep)}`);
          const sizes = sizesOf(setOf);
          const empty = sizes.indexOf(0);
          if (empty >= 0) wrong(`${trial.where}: set ${empty} of ${sizes.length} has no group`);
          if (!sameBits(setOf, (await pattern(trial)).setOf))
            wrong(`${trial.where}: the sets change from call to call`);
        });
      },
    );
    add(
      'removes something by its pattern, and keeps exact counts',
      'A set must have more groups than `keep` in all but the smallest layers; else nothing is ever removed.',
      async () => {
        const random = new Random(seed, name);
        const kept: ({ readonly where: string } & Kept)[] = [];
        await forEachTrial(trials, async (trial) => {
          kept.push({ where: trial.where, ...keptByPattern(await pattern(trial), random) });
        });
        const inexact = kept.find(({ count, expected }) => count !== expected);
        if (inexact) wrong(`${inexact.where}: ${inexact.count} groups stay, not ${inexact.expected}`);
        if (kept.every(({ count, groups }) => count === groups)) wrong('it keeps every group of every layer');
      },
    );
  }
  add(COST, 'Work out the group of a weight from its position, and hold no arrays after the call.', () =>
    measureCost(seed, (layer) => () => groups(defaultTrial(definition.options, layer))),
  );
  return checks;
}

function sizesOf(setOf: Uint32Array): Uint32Array {
  const sizes = new Uint32Array(setOf.reduce((last, set) => Math.max(last, set), 0) + 1);
  for (const set of setOf) sizes[set]++;
  return sizes;
}

interface Kept {
  readonly count: number;
  readonly expected: number;
  readonly groups: number;
}

/** How many groups stay when each set keeps its best, with scores of which many are equal. */
function keptByPattern({ setOf, keep }: Pattern, random: Random): Kept {
  const scores = Float32Array.from(setOf, () => random.below(3));
  const sets = Array.from(sizesOf(setOf), (size, set) => ({
    size,
    scores: scores.filter((_, i) => setOf[i] === set),
  }));
  const count = sets.reduce((sum, set) => sum + keepHighest(set.scores, Math.min(keep, set.size)).length, 0);
  const expected = sets.reduce((sum, set) => sum + Math.min(keep, set.size), 0);
  return { count, expected, groups: setOf.length };
}
