import { sha256 } from '@espalier/tensor/digest';
import { planSwap } from './plan-swap';
import { nextStage } from './planner';
import { stageKey, stageTitle } from './stage';
import { exampleRecipe, planAll } from './testing';
import { withFallbacks } from './with-fallbacks';

const wish = { criterion: { name: 'taylor', options: {} } };
const recipe = exampleRecipe();
const all = planAll(recipe);

/** The stages before the one of that title. */
function until(title: string, of = all) {
  return of.slice(
    0,
    of.findIndex(({ spec }) => stageTitle(spec) === title),
  );
}

function runningAt(title: string, given = recipe, of = all) {
  const next = nextStage(given, until(title, of));
  if (next.step !== 'stage') throw new Error('nothing runs');
  return { key: stageKey(next.spec, sha256) };
}

describe('planSwap', () => {
  it.each([
    ['train', 1],
    ['retrain 1', 2],
    ['retrain 2', 3],
  ])('takes effect in the next round while %s runs', (title, round) => {
    expect(planSwap(recipe, until(title), wish, runningAt(title)).swap.round).toBe(round);
  });

  it('takes effect in the first round while sensitivity curves are measured, and interrupts nothing', () => {
    const scanned = exampleRecipe('prune.sensitivity={}');
    const stages = planAll(scanned);
    const running = { ...runningAt('sensitivity', scanned, stages), step: 3 };
    const planned = planSwap(scanned, until('sensitivity', stages), wish, running);
    expect([planned.swap, planned.interrupts]).toEqual([{ round: 1, criterion: wish.criterion }, false]);
  });

  it('leaves a round that is being scored as it was specified, and takes one that waits', () => {
    expect(planSwap(recipe, until('prune 2'), wish, runningAt('prune 2')).swap.round).toBe(3);
    expect(planSwap(recipe, until('prune 2'), wish).swap.round).toBe(2);
  });

  it('comes too late after the last round, and for a recipe that prunes nothing', () => {
    const late = /^STAGE_SWAP.*its last round is pruned already/;
    expect(() => planSwap(recipe, until('retrain 3'), wish, runningAt('retrain 3'))).toThrow(late);
    expect(() => planSwap(recipe, until('share'), wish)).toThrow(late);
    expect(() => planSwap(recipe, all, wish)).toThrow(late);
    const { prune: _prune, ...nothing } = recipe;
    expect(() => planSwap(nothing, [], wish)).toThrow('its recipe prunes nothing');
  });

  it('refuses a criterion for which a stage that is done would have been done otherwise', () => {
    const fisher = { criterion: { name: 'fisher', options: {} } };
    expect(() => planSwap(recipe, until('prune 1'), fisher)).toThrow('STAGE_SWAP');
    expect(planSwap(recipe, until('prune 2'), fisher).swap.round).toBe(2);
    expect(planSwap(recipe, [], fisher).swap.round).toBe(1);
  });

  it('interrupts a training that prunes, and leaves what it has pruned', () => {
    const gradual = exampleRecipe('prune.schedule.rounds=1', 'prune.during={everySteps: 10}');
    const stages = planAll(gradual);
    const running = { ...runningAt('retrain 1', gradual, stages), step: 70 };
    const planned = planSwap(gradual, until('retrain 1', stages), wish, running);
    expect(planned).toMatchObject({ interrupts: true, swap: { round: 1, fromStep: 70 } });
    expect(planSwap(gradual, [], wish, runningAt('train', gradual, stages))).toMatchObject({
      interrupts: false,
      swap: { round: 1 },
    });
    expect(() => planSwap(gradual, until('shrink', stages), wish)).toThrow('STAGE_SWAP');
  });
});

describe('withFallbacks', () => {
  it('writes into the recipe where a fallback stood in, so that a replay has it from the start', () => {
    const mine = exampleRecipe('prune.criterion=taylor', 'prune.fallback=magnitude');
    const stages = planAll(mine).map((stage) =>
      stageTitle(stage.spec) === 'prune 2'
        ? {
            ...stage,
            result: { ...stage.result, metrics: { scoredBy: { fallback: true, failure: 'gone' } } },
          }
        : stage,
    );
    const { swaps } = withFallbacks(mine, stages).prune ?? {};
    expect(swaps).toEqual([
      { round: 2, criterion: { name: 'magnitude', options: {} }, fallback: true },
      { round: 3, criterion: { name: 'taylor', options: {} } },
    ]);
    expect(withFallbacks(mine, planAll(mine))).toEqual(mine);
  });
});
