import { readdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { silentLogger } from '@espalier/base';
import type { RunningService } from '@espalier/service-kit';
import { Pins } from '@espalier/store';
import { allServices, isType, toyPipeline, type ToyPipeline } from './toy-pipeline';

jest.setTimeout(120_000);

/** Everything under a folder was last used long ago. */
async function age(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), 0, 0);
  }
}

/** Starts that service again, with no room at all, until it has looked what may go. */
async function startFull(pipeline: ToyPipeline, before: RunningService): Promise<RunningService> {
  await before.stop('a test');
  const dir = dirname(before.store.root);
  await age(dir);
  let looked: () => void = () => undefined;
  const hasLooked = new Promise<void>((resolve) => (looked = resolve));
  const heard = (text: string): void => (/over its limit/.test(text) ? looked() : undefined);
  const logger = { ...silentLogger, info: heard, warn: heard };
  const service = await pipeline.service('retrainer', undefined, { dir, maxStoreBytes: 1, logger });
  await hasLooked;
  return service;
}

describe('a store that is over its limit', () => {
  it('keeps what a pinned run needs, however old, and lets it go when the pin is gone', async () => {
    await using pipeline = await toyPipeline();
    const services = await allServices(pipeline);
    const first = services.find(({ serviceId }) => serviceId.startsWith('retrainer')) as RunningService;
    const [pinned, other] = [
      await pipeline.submit({ rounds: 1, seed: 1, keep: 0.2 }),
      await pipeline.submit({ rounds: 1, seed: 2, keep: 0.2 }),
    ];
    for (const { id } of [pinned, other]) await pipeline.event(id, isType('run.done'));
    const made = async (id: string): Promise<string> => {
      const { finished } = await pipeline.state(id);
      return finished.find(({ spec }) => spec.kind === 'retrain')?.result.outputs['snapshot']
        .digest as string;
    };
    const [kept, loose] = [await made(pinned.id), await made(other.id)];
    expect(await first.store.hasSnapshot(loose)).toBe(true);

    // As `espalier runs pin` does it, in the folder of the runs.
    const pins = await Pins.open(join(pipeline.dir, 'runs', '.store', 'pins'));
    await pins.pin(pinned.id, []);
    const { store, ...again } = await startFull(pipeline, first);
    expect([await store.hasSnapshot(kept), await store.hasSnapshot(loose)]).toEqual([true, false]);

    await pins.unpin(pinned.id);
    const last = await startFull(pipeline, { ...again, store });
    expect(await last.store.hasSnapshot(kept)).toBe(false);
  });
});
