/** What every schedule promises (see ../schedule.ts). */
import { Random } from '@espalier/base';
import type { PluginDefinition } from '../define-plugin';
import { checksOf, wrong, type Check } from './check';
import { describeCase } from './compare';
import { optionVariations } from './option-variations';

const STEPS = 1000;

type Definition = NonNullable<PluginDefinition['schedules']>[string];

export function scheduleChecks(name: string, definition: Definition, seed: number): Check[] {
  const checks: Check[] = [];
  const add = checksOf(`schedule "${name}"`, checks);
  const variations = optionVariations(definition.options).map((options) => Object.freeze(options));
  const random = new Random(seed, name);
  const points = [
    ...Array.from({ length: STEPS + 1 }, (_, i) => i / STEPS),
    ...Array.from({ length: STEPS }, () => random.uniform()),
  ].sort((a, b) => a - b);

  add(
    'is exactly 0 at the start and exactly 1 at the end',
    'Say the ends by themselves where rounding spoils them: `if (progress === 1) return 1;`.',
    () => {
      for (const options of variations) {
        for (const end of [0, 1]) {
          const completion = definition.completion(end, options);
          // -0 is as good a start as 0.
          if (completion !== end) wrong(`${at(end, options)}: it is ${String(completion)}`);
        }
      }
    },
  );
  add('is a finite number from 0 to 1', 'Cut it off at both ends: `Math.min(1, Math.max(0, ...))`.', () => {
    for (const options of variations) {
      for (const point of points) {
        const completion = definition.completion(point, options);
        if (!(completion >= 0 && completion <= 1))
          wrong(`${at(point, options)}: it is ${String(completion)}`);
      }
    }
  });
  add(
    'never falls',
    'What is removed stays removed: a schedule that goes back needs a regrowth instead.',
    () => {
      for (const options of variations) {
        let last = 0;
        for (const point of points) {
          const completion = definition.completion(point, options);
          if (completion < last) wrong(`${at(point, options)}: it falls from ${last} to ${completion}`);
          last = completion;
        }
      }
    },
  );
  add(
    'depends on progress and options alone',
    'Keep nothing between calls, and draw no random numbers.',
    () => {
      for (const options of variations) {
        const forwards = points.map((point) => definition.completion(point, options));
        const backwards = points.toReversed().map((point) => definition.completion(point, options));
        const i = backwards.reverse().findIndex((completion, k) => completion !== forwards[k]);
        if (i >= 0) wrong(`${at(points[i], options)}: it is ${forwards[i]} and then ${backwards[i]}`);
      }
    },
  );
  return checks;
}

function at(progress: number, options: Readonly<Record<string, unknown>>): string {
  return describeCase({ what: `progress ${progress}`, options });
}
