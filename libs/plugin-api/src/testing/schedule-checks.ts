/** What every schedule promises (see ../schedule.ts). */
import { Random } from '@espalier/base';
import type { PluginDefinition } from '../define-plugin';
import type { OptionValues } from '../options';
import { checksOf, wrong, type Check } from './check';
import { describeCase } from './compare';
import { optionVariations } from './option-variations';
import { forEachTrial } from './trials';

const STEPS = 250;

type Definition = NonNullable<PluginDefinition['schedules']>[string];

export function scheduleChecks(name: string, definition: Definition, seed: number): Check[] {
  const checks: Check[] = [];
  const add = checksOf(`schedule "${name}"`, checks);
  const trials = optionVariations(definition.options).map((options, i) => ({
    options: Object.freeze(options),
    where: describeCase({ options }),
    isDefault: i === 0,
  }));
  // One in a process of its own answers with a promise.
  const completionAt = async (progress: number, options: OptionValues): Promise<number> =>
    definition.completion(progress, options);
  const random = new Random(seed, name);
  const points = [
    ...Array.from({ length: STEPS + 1 }, (_, i) => i / STEPS),
    ...Array.from({ length: STEPS }, () => random.uniform()),
  ].sort((a, b) => a - b);

  add(
    'is exactly 0 at the start and exactly 1 at the end',
    'Say the ends by themselves where rounding spoils them: `if (progress === 1) return 1;`.',
    async () => {
      await forEachTrial(trials, async ({ options }) => {
        for (const end of [0, 1]) {
          const completion = await completionAt(end, options);
          // -0 is as good a start as 0.
          if (completion !== end) wrong(`${at(end, options)}: it is ${String(completion)}`);
        }
      });
    },
  );
  add(
    'is a finite number from 0 to 1',
    'Cut it off at both ends: `Math.min(1, Math.max(0, ...))`.',
    async () => {
      await forEachTrial(trials, async ({ options }) => {
        for (const point of points) {
          const completion = await completionAt(point, options);
          if (!(completion >= 0 && completion <= 1))
            wrong(`${at(point, options)}: it is ${String(completion)}`);
        }
      });
    },
  );
  add(
    'never falls',
    'What is removed stays removed: a schedule that goes back needs a regrowth instead.',
    async () => {
      await forEachTrial(trials, async ({ options }) => {
        let last = 0;
        for (const point of points) {
          const completion = await completionAt(point, options);
          if (completion < last) wrong(`${at(point, options)}: it falls from ${last} to ${completion}`);
          last = completion;
        }
      });
    },
  );
  add(
    'depends on progress and options alone',
    'Keep nothing between calls, and draw no random numbers.',
    async () => {
      await forEachTrial(trials, async ({ options }) => {
        const before = new Map<number, number>();
        for (const point of points) before.set(point, await completionAt(point, options));
        for (const point of points.toReversed()) {
          const [first, second] = [before.get(point), await completionAt(point, options)];
          if (first !== second) wrong(`${at(point, options)}: it is ${first} and then ${second}`);
        }
      });
    },
  );
  return checks;
}

function at(progress: number, options: Readonly<Record<string, unknown>>): string {
  return describeCase({ what: `progress ${progress}`, options });
}
