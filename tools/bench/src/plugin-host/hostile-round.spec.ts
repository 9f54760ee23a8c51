import { openPluginHost } from '@espalier/plugin-host';
import { HOSTILE_LIMITS, HOSTILE_PLUGINS, processesIn } from '@espalier/plugin-host/testing';
import { join } from 'node:path';
import { HOSTILE_ROUND_MS, openRounds } from './hostile-round';

/** The good one has time, however busy the machine is. What the bad ones take is for the bench to measure. */
const LIMITS = {
  limits: { ...HOSTILE_LIMITS, callTimeoutMs: HOSTILE_ROUND_MS },
  limitsOf: { good: { callTimeoutMs: HOSTILE_LIMITS.callTimeoutMs } },
};

describe('a round whose criterion does harm', () => {
  it.each(HOSTILE_PLUGINS)(
    '$name: is finished by the fallback to its very bits, and says why; the next round is as if nothing had been',
    async ({ name, code }) => {
      let folder: string;
      {
        await using host = await openPluginHost({ allow: ['*'], ...LIMITS });
        await using rounds = await openRounds(host);
        folder = join(rounds.folder, name);
        const own = await rounds.byOurs('magnitude');
        expect(own.scoredBy).toEqual({ criterion: 'magnitude', plugin: 'built-in' });
        const round = await rounds.byPlugin(name, 'bad');
        expect(round.digest).toBe(own.digest);
        expect(round.scoredBy).toEqual({
          criterion: 'magnitude',
          plugin: 'built-in',
          fallback: true,
          // Where the machine is too slow for what it does, the deadline comes first.
          failure: expect.stringMatching(
            new RegExp(`^PLUGIN_FAILED: the criterion "bad" .*${name}.*(${code}|PLUGIN_TIMEOUT): `),
          ) as string,
        });
        const next = await rounds.byPlugin('good', 'power');
        expect(next.digest).toBe(own.digest);
        expect(next.scoredBy).toMatchObject({ criterion: 'power', plugin: 'good' });
        expect(next.scoredBy.failure).toBeUndefined();
      }
      expect(processesIn(folder)).toEqual([]);
    },
  );
});
