/** A run by real processes whose criterion is a plugin that fails, and that is swapped for another. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { espalier, folder, RECIPE, TIMEOUT_MS } from './swapping';

it(
  'pauses a run whose plugin fails, says why, and goes on after a swap',
  async () => {
    const runs = join(folder, 'paused');
    const text = RECIPE.replace('criterion: magnitude, fallback: random', 'criterion: large')
      .replace('rounds: 4', 'rounds: 1')
      .replace('\ntrain:', '\nplugins: { espalier-plugin-cubed: { from: ./cubed } }\ntrain:');
    writeFileSync(join(folder, 'paused.yaml'), text);
    const paused = await espalier('run', join(folder, 'paused.yaml'), '--runs', runs);
    expect(paused.code).toBe(1);
    expect(paused.err).toMatch(/CLI_RUN_PAUSED: .*PLUGIN_FAILED.*too large for me/);
    const swapped = await espalier('swap', 'last', '--runs', runs, '--criterion', 'cubed');
    expect([swapped.code, swapped.err]).toEqual([0, '']);
    expect(JSON.parse(swapped.out)).toMatchObject({ criterion: 'espalier-plugin-cubed/cubed', round: 1 });
    expect((await espalier('run', '--resume', 'last', '--runs', runs)).code).toBe(0);
  },
  TIMEOUT_MS,
);
