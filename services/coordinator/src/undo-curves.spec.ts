/** Sensitivity curves of the dense network outlive an undo to it exactly where the run goes on with a recipe that asks for the same. */
import { silentLogger, type JsonValue } from '@espalier/base';
import { parseRecipe } from '@espalier/recipe';
import type { StageResult } from '@espalier/stages';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Coordinator } from './coordinator';
import { applyEvent, type RunState } from './fold-run';
import type { StageOffer } from './outbox';
import { DEFAULT_RETRY_POLICY } from './retry-policy';
import type { RunBook } from './run-book';
import type { RunEvent } from './run-events';
import { DEFAULT_SCHEDULER_LIMITS, Scheduler } from './scheduler';
import { stagesPlanner } from './stages-planner';

const text = readFileSync(join(__dirname, '../../../test/golden/recipe-resolved-v1.yaml'), 'utf8');
const recipeWith = (...sets: string[]): JsonValue =>
  parseRecipe(text, { file: 'recipe-resolved-v1.yaml', sets }).recipe as unknown as JsonValue;
const asking = (keep: string, ...sets: string[]): JsonValue =>
  recipeWith(`prune.sensitivity={ keep: ${keep}, retrainSteps: 20 }`, ...sets);

const PEER = 'all#1';

/** A run of this recipe in the midst of its round 1, with whoever does its stages. */
async function scannedRun(recipe: JsonValue) {
  let state: RunState | undefined;
  const offers: StageOffer[] = [];
  const unused = (): never => {
    throw new Error('not asked for here');
  };
  const book: RunBook = {
    list: () => (state ? [state] : []),
    get: () => state,
    append: async (run, input) => {
      const event = { ...input, seq: (state?.seq ?? 0) + 1, at: 1 } as RunEvent;
      state = applyEvent(run, state, event);
      return event;
    },
    events: unused,
    close: async () => undefined,
  };
  const coordinator = new Coordinator({
    book,
    planner: stagesPlanner,
    scheduler: new Scheduler(() => `lease-${offers.length}`, DEFAULT_SCHEDULER_LIMITS),
    retry: DEFAULT_RETRY_POLICY,
    outbox: {
      offer: async (_peerId, offer) => void offers.push(offer),
      admit: unused,
      cancel: () => undefined,
      publish: () => undefined,
    },
    clock: { nowMs: () => 1 },
    logger: silentLogger,
  });
  const does = ['train', 'sensitivity', 'prune'] as const;
  await coordinator.announced(
    { peerId: PEER, serviceId: 'all', service: 'trainer', kinds: does, dataUrl: 'ws://all' },
    [],
  );
  const { id } = await coordinator.submit({ recipe, dataUrls: [] });
  for (const kind of ['train', 'sensitivity'] as const) {
    const { leaseId, key, stage } = offers.at(-1) as StageOffer;
    expect(stage.kind).toBe(kind);
    const outputs: StageResult['outputs'] =
      kind === 'train' ? { snapshot: { kind: 'snapshot', digest: 'd'.repeat(64) } } : {};
    const layers = [{ name: 'fc1/kernel', weights: 100, kept: 100 }];
    const result = { outputs, metrics: { heldOutError: 0.02, layers } };
    const wire = { dense: 0, masked: 0, had: 0, overhead: 0 };
    await coordinator.stageDone(PEER, { leaseId, key, result, wire, seconds: 1, cached: false });
  }
  return {
    /** The stages that are left when it has gone back to the dense network, and the one that is next. */
    async undone(changed?: JsonValue): Promise<string[]> {
      const { finished } = await coordinator.undo(id, 0, changed === undefined ? {} : { recipe: changed });
      return [...finished.map(({ title }) => title), (offers.at(-1) as StageOffer).stage.kind];
    },
  };
}

const scanned = asking('[0.5, 0.1]');

it.each([
  ['the same recipe', undefined, ['train', 'sensitivity', 'prune']],
  ['other rounds', asking('[0.5, 0.1]', 'prune.schedule.rounds=2'), ['train', 'sensitivity', 'prune']],
  ['other shares', asking('[0.3]'), ['train', 'sensitivity']],
  ['no curves', recipeWith(), ['train', 'prune']],
])('back at the dense network with %s', async (_, changed, expected) => {
  const run = await scannedRun(scanned);
  expect(await run.undone(changed)).toEqual(expected);
});

it('curves that another recipe took away are measured when one asks for them again', async () => {
  const run = await scannedRun(scanned);
  await run.undone(recipeWith());
  expect(await run.undone(scanned)).toEqual(['train', 'sensitivity']);
});
