import { errorCode, Random } from '@espalier/base';
import { definePlugin, type CriterionDefinition } from '@espalier/plugin-api';
import { CriterionSlot, type RoundCriterion } from './criterion-slot';
import type { LoadedPlugin } from './loaded-plugin';
import { openPluginHost } from './open-plugin-host';
import type { PluginHost } from './plugin-host';

/** A criterion whose score tells the version; `gate` holds its answers up. */
function version(host: PluginHost, number: number, gate: Promise<void> = Promise.resolve()): LoadedPlugin {
  const plugin = definePlugin({
    name: 'mine',
    version: `${number}.0.0`,
    host: '^1.0.0',
    criteria: {
      mine: {
        needs: ['weights'],
        options: { plus: { type: 'number', description: 'Added.', default: 0 } },
        score: async ({ weights, options }: Parameters<CriterionDefinition['score']>[0]) => {
          await gate;
          return weights.map(() => number + (options as { plus: number }).plus);
        },
      },
    },
  });
  return host.inProcess(plugin);
}

const score = async ({ criterion }: RoundCriterion): Promise<number> =>
  (await criterion.score({ name: 'a', shape: [1], weights: Float32Array.of(1), random: new Random(1) }))[0];

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describe('a criterion that is swapped', () => {
  let host: PluginHost;
  beforeEach(async () => {
    host = await openPluginHost({ allow: [] });
  });
  afterEach(() => host[Symbol.asyncDispose]());

  it('is the new one for rounds that begin after the switch; one that has begun keeps the old', async () => {
    const held = gate();
    const slot = new CriterionSlot({ plugin: version(host, 1, held.opened), name: 'mine' });
    const round = slot.round(async (given) => [await score(given), await score(given)]);
    const switched = gate();
    const swap = slot.swap(async () => ({ plugin: version(host, 2), name: 'mine' }), {
      drainMs: 60_000,
      onSwitched: () => switched.open(),
    });
    await switched.opened;
    expect(await slot.round(score)).toBe(2);
    held.open();
    expect(await round).toEqual([1, 1]);
    const { from, to, drained } = await swap;
    expect([from.plugin?.version, to.plugin?.version, drained?.unanswered]).toEqual(['1.0.0', '2.0.0', 0]);
  });

  it('begins a round anew, whole, that the old one does not end in time', async () => {
    const slot = new CriterionSlot({ plugin: version(host, 1, gate().opened), name: 'mine' });
    const seen: (string | undefined)[] = [];
    const round = slot.round(async (given) => {
      seen.push(given.ref.plugin?.version);
      return [await score(given), await score(given)];
    });
    const { drained } = await slot.swap(async () => ({ plugin: version(host, 2), name: 'mine' }), {
      drainMs: 1,
    });
    expect(drained).toEqual({ answered: 0, unanswered: 1 });
    expect(await round).toEqual([2, 2]);
    expect(seen).toEqual(['1.0.0', '2.0.0']);
  });

  it('stays the old one when the new cannot be loaded, or has no such criterion', async () => {
    const slot = new CriterionSlot({ plugin: version(host, 1), name: 'mine' });
    const failed = (
      load: () => Promise<{ plugin: LoadedPlugin; name: string }>,
    ): Promise<string | undefined> =>
      slot.swap(load, { drainMs: 0 }).then(
        () => undefined,
        (error: unknown) => errorCode(error) ?? (error as Error).message,
      );
    expect(await failed(() => Promise.reject(new Error('not today')))).toBe('not today');
    expect(await failed(async () => ({ plugin: version(host, 2), name: 'yours' }))).toBe(
      'PLUGIN_NO_CONTRIBUTION',
    );
    expect(await slot.round(score)).toBe(1);
  });

  it('changes options alone without another plugin', async () => {
    const plugin = version(host, 1);
    const slot = new CriterionSlot({ plugin, name: 'mine' });
    const { drained, to } = await slot.swap(async () => ({ plugin, name: 'mine', options: { plus: 5 } }), {
      drainMs: 0,
    });
    expect(drained).toBeUndefined();
    expect(to.options).toEqual({ plus: 5 });
    expect(await slot.round(score)).toBe(6);
  });

  it('passes on what fails for other reasons', async () => {
    const slot = new CriterionSlot({ plugin: version(host, 1), name: 'mine' });
    await expect(slot.round(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  });
});
