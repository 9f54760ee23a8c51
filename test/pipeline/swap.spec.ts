/**
 * A run by real processes whose criterion is swapped by `espalier swap`: to another of ours, and to a plugin in a folder. It is paused for
 * each swap, so that the rounds in which they take effect do not depend on the machine's speed.
 */
import { sha256 } from '@espalier/tensor/digest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { espalier, folder, pauseAfter, scoredIn, steer, swap, TIMEOUT_MS } from './swapping';

it(
  'goes on by other criteria from the round that each swap said, and makes the same file again',
  async () => {
    const runs = join(folder, 'runs');
    const running = espalier('run', join(folder, 'recipe.yaml'), '--runs', runs);
    const swapAfter = async (round: number, ...args: readonly string[]): Promise<number> => {
      await pauseAfter(round, runs, running);
      const from = await swap(runs, ...args);
      await steer(runs, 'resume');
      return from;
    };
    const first = await swapAfter(1, '--criterion', 'taylor');
    const plugin = join(folder, 'cubed');
    const second = await swapAfter(first, '--criterion', 'cubed:power=3', '--plugin', plugin);
    const { code, out } = await running;
    expect(code).toBe(0);

    const scored = await scoredIn(runs);
    const expected = (round: number): string =>
      round >= second ? 'cubed' : round >= first ? 'taylor' : 'magnitude';
    expect(scored.map(({ round, by }) => [round, by?.criterion])).toEqual(
      [1, 2, 3, 4].map((round) => [round, expected(round)]),
    );
    expect(scored.at(-1)?.by?.digest).toMatch(/^[0-9a-f]{64}$/);

    const resolved = join((JSON.parse(out) as { folder: string }).folder, 'recipe.resolved.yaml');
    const again = await espalier('run', resolved, '--runs', join(folder, 'again'));
    expect(again.code).toBe(0);
    const digests = [out, again.out].map((text) => {
      const { folder: at } = JSON.parse(text) as { folder: string };
      return sha256(readFileSync(join(at, 'model.espalier')));
    });
    expect(digests[1]).toBe(digests[0]);
  },
  TIMEOUT_MS,
);
