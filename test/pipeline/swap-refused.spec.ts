/** A run by real processes, and swaps of its criterion to what is not let in. It is paused for each, as in swap.spec.ts. */
import { digestFolder } from '@espalier/plugin-host';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ask,
  espalier,
  folder,
  pauseAfter,
  processesOf,
  read,
  RECIPE,
  scoredIn,
  steer,
  swap,
  TIMEOUT_MS,
  until,
} from './swapping';

it(
  'keeps its criterion while another is not let in, and leaves no process of a plugin that another has replaced',
  async () => {
    const runs = join(folder, 'refused');
    const text = RECIPE.replace('criterion: magnitude, fallback: random', 'criterion: cubed').replace(
      '\ntrain:',
      '\nplugins: { espalier-plugin-cubed: { from: ./cubed } }\ntrain:',
    );
    writeFileSync(join(folder, 'refused.yaml'), text.replace('rounds: 4', 'rounds: 6'));
    const running = espalier('run', join(folder, 'refused.yaml'), '--runs', runs);
    await until(async () => processesOf('cubed') > 0 || undefined, running);
    await pauseAfter(1, runs, running);

    const wish = async (short: string, options = {}) => {
      const name = `espalier-plugin-${short}`;
      const digest = await digestFolder(join(folder, short));
      const entry = { from: `./${short}`, version: '1.0.0', digest, needs: { [short]: ['weights'] } };
      return { criterion: { name: `${name}/${short}`, options }, plugins: { [name]: entry } };
    };
    const refused = async (body: unknown) => (await ask(runs, 'swap', body)).body;
    expect(await refused(await wish('squared'))).toMatchObject({ code: 'PLUGIN_NOT_ALLOWED' });
    expect(await refused(await wish('cubed', { power: 0 }))).toMatchObject({ code: 'PLUGIN_OPTION' });
    expect(await refused(await wish('cubed', { powers: 2 }))).toMatchObject({
      code: 'PLUGIN_UNKNOWN_OPTION',
    });
    expect(await refused({ criterion: { name: 'squared', options: {} } })).toMatchObject({
      code: 'COORDINATOR_REQUEST',
    });
    // Its owner trusts it, so it is started.
    const { plugins: bad, criterion } = await wish('bad');
    const listed = JSON.parse(readFileSync(join(runs, '.store/plugins.json'), 'utf8')) as unknown[];
    const place = { name: 'espalier-plugin-bad', from: join(folder, 'bad') };
    writeFileSync(join(runs, '.store/plugins.json'), JSON.stringify([...listed, place]));
    const { code: why, message } = await refused({ criterion, plugins: bad });
    expect(why).toBe('PLUGIN_CANARY');
    expect(message).toMatch(/"bad".*NaN.*So says pruner.*; the run keeps the criterion that it has/);
    // With the options that it is to have: scores beyond all numbers.
    const byCommand = await espalier('swap', 'last', '--runs', runs, '--criterion', 'cubed:power=1000');
    expect([byCommand.code, byCommand.err]).toEqual([1, expect.stringContaining('PLUGIN_CANARY')]);
    expect((await read(runs)).map(({ type }) => type)).not.toContain('run.swapped');
    await until(async () => processesOf('bad') === 0 || undefined, running);

    const plugin = join(folder, 'squared');
    const first = await swap(runs, '--criterion', 'squared', '--plugin', plugin);
    await steer(runs, 'resume');
    await pauseAfter(first, runs, running);
    await until(async () => processesOf('cubed') === 0 || undefined, running);
    const second = await swap(runs, '--criterion', 'magnitude');
    await steer(runs, 'resume');
    await until(async () => processesOf('squared') === 0 || undefined, running);
    expect((await running).code).toBe(0);
    const expected = (round: number): string =>
      round >= second ? 'magnitude' : round >= first ? 'squared' : 'cubed';
    expect((await scoredIn(runs)).map(({ round, by }) => [round, by?.criterion])).toEqual(
      [1, 2, 3, 4, 5, 6].map((round) => [round, expected(round)]),
    );
  },
  TIMEOUT_MS,
);
