/** What every criterion promises (see ../criterion.ts). */
import { Random } from '@espalier/base';
import type { Mask } from '@espalier/tensor';
import { CRITERION_NEEDS, type ScoreInput } from '../criterion';
import type { OptionValues } from '../options';
import type { PluginDefinition } from '../define-plugin';
import { checksOf, wrong, type Check } from './check';
import { firstDifference, requireArray, requireFiniteNumbers, sameBits } from './compare';
import { COST, measureCost } from './measure-cost';
import { keepHighest } from './keep-highest';
import { scoreInput, watched } from './score-input';
import { defaultTrial, forEachTrial, trialsOf, type Trial } from './trials';
import { plainCases, weightCases } from './weight-cases';

type Definition = NonNullable<PluginDefinition['criteria']>[string];

export function criterionChecks(name: string, definition: Definition, seed: number): Check[] {
  const checks: Check[] = [];
  const add = checksOf(`criterion "${name}"`, checks);
  const random = new Random(seed, name);
  const all = trialsOf(definition.options, weightCases(random));
  const plain = trialsOf(definition.options, plainCases(random));
  const input = ({ layer, options }: Trial, views = false): ScoreInput<OptionValues> =>
    scoreInput(definition, layer, { options, seed, views });
  const score = async (trial: Trial): Promise<Float32Array> => definition.score(input(trial));

  add(
    'gives each weight a finite score',
    'Return a Float32Array as long as the weights. Divisions by a sum, mean or deviation need an answer for the layer in which it is 0.',
    async () => {
      await forEachTrial(all, async (trial) => {
        const scores = await score(trial);
        requireArray(scores, 'Float32Array', trial.layer.weights.length, trial.where);
        requireFiniteNumbers(scores, 'score', trial.where);
      });
    },
  );
  add(
    'gives the same bits for the same input',
    'Draw from `random` of the input alone: no Math.random, no clock, nothing kept between calls.',
    async () => {
      await forEachTrial(all, async (trial) => {
        const [first, second] = [(await score(trial)).slice(), await score(trial)];
        if (!sameBits(first, second)) wrong(`${trial.where}: ${firstDifference(first, second)}`);
      });
    },
  );
  add(
    'gives the same bits for tensors that lie inside larger buffers',
    'Use the arrays themselves; whoever takes their `.buffer` must take `byteOffset` and `length` too.',
    async () => {
      await forEachTrial(plain, async (trial) => {
        const [first, second] = [await score(trial), await definition.score(input(trial, true))];
        if (!sameBits(first, second)) wrong(`${trial.where}: ${firstDifference(first, second)}`);
      });
    },
  );
  add(
    'scores a layer alike whatever was scored before it',
    'Keep nothing between calls: layers come in any order, and again after a failure.',
    async () => {
      const before = new Map<Trial, Float32Array>();
      await forEachTrial(plain, async (trial) => void before.set(trial, (await score(trial)).slice()));
      for (const [trial, scores] of [...before].reverse()) {
        const again = await score(trial);
        if (!sameBits(again, scores)) wrong(`${trial.where}: ${firstDifference(scores, again)}`);
      }
    },
  );
  add(
    'leaves its input as it was, and answers with an array of its own',
    'Work on a copy: `weights.map(...)` or `weights.slice()`.',
    async () => {
      await forEachTrial(all, async (trial) => {
        const given = input(trial);
        const scores = await definition.score(Object.freeze(given));
        const changed = changedTensor(given, input(trial));
        if (changed) wrong(`${trial.where}: it changed "${changed}"`);
        if (scores.buffer === given.weights.buffer)
          wrong(`${trial.where}: its answer is the input's own memory`);
      });
    },
  );
  add(
    'asks only for what it declares',
    `Name it in \`needs\`; there are ${CRITERION_NEEDS.join(', ')}.`,
    async () => {
      const read = new Set<string>();
      await forEachTrial(plain, async (trial) => void (await definition.score(watched(input(trial), read))));
      const undeclared = CRITERION_NEEDS.filter(
        (need) => need !== 'weights' && !definition.needs.includes(need),
      );
      const first = undeclared.find((need) => read.has(need));
      if (first) wrong(`it reads "${first}", which is not in its needs`);
    },
  );
  add(
    'leaves exactly the share that is asked for, however many weights are equal',
    'Give one number for each weight, and none that cannot be compared: NaN is neither above nor below.',
    async () => {
      await forEachTrial(all, async (trial) => {
        const scores = await score(trial);
        const size = trial.layer.weights.length;
        for (const count of [0, 1, Math.ceil(size / 2), size]) {
          const kept = keepHighest(scores, count).length;
          if (kept !== count) wrong(`${trial.where}: ${kept} weights are kept where ${count} were asked for`);
        }
      });
    },
  );
  add(COST, 'Sort at most, compare no weight with every other, and hold no tensors after the call.', () =>
    measureCost(seed, (layer) => {
      const given = input(defaultTrial(definition.options, layer));
      return () => definition.score(given);
    }),
  );
  return checks;
}

/** The name of the first tensor of `given` that is not as it was. */
function changedTensor(given: object, untouched: object): string | undefined {
  return Object.entries(untouched).find(([key, value]) => {
    const now = (given as Readonly<Record<string, unknown>>)[key];
    if (value instanceof Float32Array) return !sameBits(value, now as Float32Array);
    return key === 'previousMask' && !(value as Mask).equals(now as Mask);
  })?.[0];
}
