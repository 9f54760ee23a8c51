import { withSwap } from '@espalier/recipe';
import { expectedStages, nextStage, truncateToRound } from './planner';
import { stageTitle } from './stage';
import { DIGEST, exampleRecipe, planAll } from './testing';

describe('nextStage', () => {
  it('goes from train through the rounds to evaluate', () => {
    const titles = planAll(exampleRecipe()).map(({ spec }) => stageTitle(spec));
    expect(titles).toEqual([
      'train',
      'prune 1',
      'retrain 1',
      'prune 2',
      'retrain 2',
      'prune 3',
      'retrain 3',
      'shrink',
      'share',
      'retrain',
      'encode',
      'evaluate',
    ]);
  });

  it('visits exactly the stages that expectedStages names', () => {
    for (const recipe of [
      exampleRecipe(),
      exampleRecipe('prune.deadUnits=keep'),
      exampleRecipe('prune.schedule.rounds=1'),
    ]) {
      const kinds = planAll(recipe).map(({ spec }) => [spec.kind, spec.round]);
      expect(kinds).toEqual(expectedStages(recipe).map(({ kind, round }) => [kind, round]));
    }
  });

  it('asks for the same stage again when nothing has happened since', () => {
    const recipe = exampleRecipe();
    const finished = planAll(recipe);
    for (let done = 0; done < finished.length; done++) {
      const next = nextStage(recipe, finished.slice(0, done));
      expect(next).toEqual({ step: 'stage', spec: finished[done].spec });
    }
  });

  it('gives each stage another key', () => {
    const keys = planAll(exampleRecipe()).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('keeps the keys of the stages before one whose section of the recipe changed', () => {
    const before = planAll(exampleRecipe());
    const after = planAll(exampleRecipe('encode.biasBits=8'));
    const changed = before.filter(({ key }, i) => key !== after[i].key).map(({ spec }) => spec.kind);
    expect(changed).toEqual(['encode', 'evaluate']);
  });

  it('removes more in each round, along the cubic schedule, and ends at the share asked for', () => {
    const keeps = planAll(exampleRecipe())
      .filter(({ spec }) => spec.kind === 'prune')
      .map(({ spec }) => (spec.config as unknown as { keep: { global: number } }).keep.global);
    expect(keeps[0]).toBeCloseTo(1 - 0.9 * (1 - (2 / 3) ** 3), 10);
    expect(keeps[2]).toBeCloseTo(0.1, 10);
    expect([...keeps].sort((a, b) => b - a)).toEqual(keeps);
  });

  it('lets a learning rate that spans the run go on where the round before ended', () => {
    const spans = planAll(exampleRecipe())
      .filter(({ spec }) => spec.kind === 'retrain' && spec.round)
      .map(
        ({ spec }) => spec.config as unknown as { epochs: number; epochsBefore: number; epochsTotal: number },
      )
      .map(({ epochs, epochsBefore, epochsTotal }) => [epochs, epochsBefore, epochsTotal]);
    expect(spans).toEqual([
      [2, 0, 8],
      [2, 2, 8],
      [4, 4, 8],
    ]);
  });
});

describe('straight-through sharing', () => {
  it('changes the key of the centroid training alone, which then starts from the weights before the sharing, too', () => {
    const before = planAll(exampleRecipe());
    const after = planAll(exampleRecipe('share.retrain.straightThrough={share: 0.5}'));
    const changed = before.filter(({ key }, i) => key !== after[i].key).map(({ spec }) => stageTitle(spec));
    expect(changed).toEqual(['retrain', 'encode', 'evaluate']);
    const share = after.find(({ spec }) => spec.kind === 'share');
    const centroids = after.find(({ spec }) => spec.kind === 'retrain' && !spec.round)?.spec;
    expect(centroids?.config).toMatchObject({
      shared: true,
      straightThrough: { share: 0.5, everySteps: 20 },
    });
    expect(centroids?.inputs).toEqual({
      start: share?.result.outputs['snapshot'],
      latent: share?.spec.inputs['start'],
    });
  });

  it('leaves inputs and config as they always were where nobody asks for it', () => {
    const centroids = planAll(exampleRecipe()).find(
      ({ spec }) => spec.kind === 'retrain' && !spec.round,
    )?.spec;
    expect(Object.keys(centroids?.inputs ?? {})).toEqual(['start']);
    expect(centroids?.config).not.toHaveProperty('straightThrough');
  });
});

describe('dropout while retraining (HAN15 section 3.2)', () => {
  const network = `network={input: [784], layers: [
    {type: dense, name: fc1, units: 300}, {type: relu}, {type: dropout, name: drop1, rate: 0.5},
    {type: dense, name: fc2, units: 100}, {type: relu}, {type: dropout, name: drop2, rate: 0.4},
    {type: dense, name: fc3, units: 10}]}`.replaceAll('\n', ' ');
  const ratesOf = (...sets: string[]) =>
    planAll(exampleRecipe(network, ...sets))
      .filter(({ spec }) => spec.kind === 'retrain')
      .map(({ spec }) => (spec.config as unknown as { dropout: Record<string, number> }).dropout);

  it('falls with the connections that the pruning of its round left', () => {
    const rates = ratesOf('prune.schedule.rounds=1');
    const expected = [0.5 * Math.sqrt(99 / 235200), 0.4 * Math.sqrt(199 / 30000)];
    for (const { drop1, drop2 } of rates) expect([drop1, drop2]).toEqual(expected);
    expect(rates).toHaveLength(2);
  });

  it('is that of the network at the end where pruning goes on inside the retraining', () => {
    const during = ['prune.schedule.rounds=1', 'prune.during={everySteps: 10}'];
    const [retrain, centroids] = ratesOf(...during);
    expect(retrain['drop1']).toBeCloseTo(0.5 * Math.sqrt(0.1), 12);
    expect(retrain['drop2']).toBeCloseTo(0.4 * Math.sqrt(0.1), 12);
    // What it came to in the end is known by then.
    expect(centroids['drop1']).toBeCloseTo(0.5 * Math.sqrt(99 / 235200), 12);
    const [byLayer] = ratesOf(...during, 'prune.keep={layers: {fc1: 0.04, fc2: 0.25}}');
    expect([byLayer['drop1'], byLayer['drop2']]).toEqual([0.5 * 0.2, 0.4 * 0.5]);
  });

  it('stays as it was without the rule', () => {
    expect(ratesOf('retrain.dropoutRule=false')[0]).toEqual({ drop1: 0.5, drop2: 0.4 });
  });
});

describe('the accuracy budget', () => {
  const recipe = exampleRecipe('budget={maxErrorIncrease: 0.002}');
  const errors = (...byRound: number[]) =>
    planAll(recipe, ({ kind, round }) => (kind === 'retrain' && round ? byRound[round - 1] : 0.01));

  it('ends the rounds at the first that breaks it, and goes on from the one before', () => {
    const finished = errors(0.01, 0.0121, 0.01);
    expect(finished.map(({ spec }) => stageTitle(spec)).slice(4, 6)).toEqual(['retrain 2', 'shrink']);
    expect(finished[5].spec.inputs['start']).toEqual(finished[2].result.outputs['snapshot']);
  });

  it('lets a round pass that is exactly on it', () => {
    expect(errors(0.012, 0.012, 0.012).filter(({ spec }) => spec.kind === 'prune')).toHaveLength(3);
  });

  it('goes on with the dense network when no round holds it', () => {
    const finished = errors(0.5);
    const shrink = finished.find(({ spec }) => spec.kind === 'shrink');
    expect(shrink?.spec.inputs['start']).toEqual(finished[0].result.outputs['snapshot']);
  });
});

describe('rounds of units', () => {
  const units = `prune.units={keep: [{fc1: 100}, {fc1: 50, fc2: 20}], retrain: {epochs: 1, learningRate: {kind: constant, base: 0.001}}}`;
  const titles = (...sets: string[]) =>
    planAll(exampleRecipe(units, ...sets)).map(({ spec }) => stageTitle(spec));

  it('come after the training, and are what the first pruning of weights starts from', () => {
    const finished = planAll(exampleRecipe(units));
    const before = ['train', 'prune units 1', 'retrain units 1', 'prune units 2', 'retrain units 2'];
    expect(titles().slice(0, 6)).toEqual([...before, 'prune 1']);
    expect(finished[5].spec.inputs['start']).toEqual(finished[4].result.outputs['snapshot']);
    expect(titles()).toHaveLength(planAll(exampleRecipe()).length + 4);
  });

  it('leave all keys before and all specs of the rounds after as they were, but for shares and inputs', () => {
    const [before, after] = [planAll(exampleRecipe()), planAll(exampleRecipe(units))];
    expect(after[0].key).toBe(before[0].key);
    const plain = (stage: (typeof before)[number]) => ({ ...stage.spec, inputs: {}, config: {} });
    expect(after.slice(5).map(plain)).toEqual(before.slice(1).map(plain));
  });

  it('make shares of the whole network larger ones of what is left', () => {
    const prunes = planAll(exampleRecipe(units, 'prune.schedule.kind=one-shot')).filter(
      ({ spec }) => spec.kind === 'prune',
    );
    const left = 784 * 50 + 50 * 20 + 20 * 10;
    const { keep } = prunes[0].spec.config as unknown as { keep: { global: number } };
    expect(keep.global * left).toBeCloseTo(0.1 * 266200, 6);
  });

  it('stay when a run goes back to a round of weights, and go when it goes back to the dense network', () => {
    const recipe = exampleRecipe(units);
    const finished = planAll(recipe);
    expect(truncateToRound(finished, 1, recipe)).toEqual(finished.slice(0, 7));
    expect(truncateToRound(finished, 0, recipe)).toEqual(finished.slice(0, 1));
  });
});

describe('sensitivity curves', () => {
  const asked = ['prune.sensitivity={ keep: [0.5, 0.1], retrainSteps: 20 }'];
  const units = `prune.units={keep: [{fc1: 100}], retrain: {epochs: 1, learningRate: {kind: constant, base: 0.001}}}`;

  it('are measured on the dense network, before anything is removed', () => {
    const finished = planAll(exampleRecipe(...asked));
    expect(finished.slice(0, 3).map(({ spec }) => stageTitle(spec))).toEqual([
      'train',
      'sensitivity',
      'prune 1',
    ]);
    const { spec } = finished[1];
    expect(spec).toMatchObject({ data: DIGEST, fingerprint: 'test-engine', seed: 1 });
    expect(spec.inputs).toEqual({ start: finished[0].result.outputs['snapshot'] });
    expect(spec.config).toMatchObject({
      keep: [0.5, 0.1],
      retrainSteps: 20,
      training: { heldOut: 5000, learningRate: { kind: 'constant', base: 0.0005 } },
    });
    const [, second, third] = planAll(exampleRecipe(...asked, units)).map((stage) => stageTitle(stage.spec));
    expect([second, third]).toEqual(['sensitivity', 'prune units 1']);
  });

  it('leave the key of every other stage as it was', () => {
    for (const sets of [[], [units], ['prune.schedule.rounds=1', 'prune.during={everySteps: 10}']]) {
      const without = planAll(exampleRecipe(...sets));
      const scanned = planAll(exampleRecipe(...sets, ...asked));
      const rest = scanned.filter(({ spec }) => spec.kind !== 'sensitivity');
      expect(rest).toHaveLength(scanned.length - 1);
      expect(rest.map(({ key }) => key)).toEqual(without.map(({ key }) => key));
      const expected = expectedStages(exampleRecipe(...sets, ...asked));
      expect(expected.map((stage) => stageTitle(stage))).toEqual(scanned.map(({ spec }) => stageTitle(spec)));
    }
  });

  it('stay when a run goes back to the dense network', () => {
    for (const sets of [asked, [...asked, units]]) {
      const recipe = exampleRecipe(...sets);
      const finished = planAll(recipe);
      expect(truncateToRound(finished, 0, recipe)).toEqual(finished.slice(0, 2));
      expect(truncateToRound(finished.slice(0, 1), 0, recipe)).toEqual(finished.slice(0, 1));
    }
    const recipe = exampleRecipe(...asked);
    const finished = planAll(recipe);
    expect(truncateToRound(finished, 1, recipe)).toEqual(finished.slice(0, 4));
  });

  it('stay only where the recipe that the run goes on with asks for the same', () => {
    const finished = planAll(exampleRecipe(...asked));
    const titlesOf = (recipe: ReturnType<typeof exampleRecipe>) => {
      const kept = truncateToRound(finished, 0, recipe);
      const next = nextStage(recipe, kept);
      return [...kept.map(({ spec }) => spec), ...(next.step === 'stage' ? [next.spec] : [])].map((spec) =>
        stageTitle(spec),
      );
    };
    const otherRounds = exampleRecipe(...asked, 'prune.schedule.rounds=2');
    expect(titlesOf(otherRounds)).toEqual(['train', 'sensitivity', 'prune 1']);
    const otherShares = exampleRecipe('prune.sensitivity={ keep: [0.4], retrainSteps: 20 }');
    expect(titlesOf(otherShares)).toEqual(['train', 'sensitivity']);
    expect(truncateToRound(finished, 0, otherShares)).toEqual(finished.slice(0, 1));
    // The curves are retrained at its rate.
    const otherRate = exampleRecipe(...asked, 'retrain.learningRate={ kind: constant, base: 0.01 }');
    expect(truncateToRound(finished, 0, otherRate)).toEqual(finished.slice(0, 1));
    expect(titlesOf(exampleRecipe())).toEqual(['train', 'prune 1']);
  });

  it('are not measured any more once something is removed, and then do not hold back an undo', () => {
    for (const [sets, removed] of [
      [[], ['prune 1', 'retrain 1']],
      [['prune.schedule.rounds=1', 'prune.during={everySteps: 10}'], ['retrain 1']],
      [[units], ['prune units 1', 'retrain units 1', 'prune 1', 'retrain 1']],
    ]) {
      const before = exampleRecipe(...sets);
      const recipe = exampleRecipe(...sets, ...asked);
      const finished = truncateToRound(planAll(before), 1, recipe);
      expect(finished.map(({ spec }) => stageTitle(spec))).toEqual(['train', ...removed]);
      for (let done = 2; done < finished.length; done++) {
        expect(nextStage(recipe, finished.slice(0, done))).toEqual({
          step: 'stage',
          spec: finished[done].spec,
        });
      }
      expect(nextStage(recipe, finished)).toEqual(nextStage(before, finished));
      expect(truncateToRound(finished, 0, recipe)).toEqual(finished.slice(0, 1));
    }
  });

  it('go with the rounds where a log has them behind one', () => {
    const recipe = exampleRecipe(...asked);
    const [train, curves, prune, retrain, ...rest] = planAll(recipe);
    const finished = [train, prune, retrain, curves, ...rest];
    expect(truncateToRound(finished, 0, recipe)).toEqual([train]);
    expect(truncateToRound(finished, 1, recipe)).toEqual([train, prune, retrain]);
    expect(nextStage(recipe, finished.slice(0, 4))).toEqual({ step: 'stage', spec: rest[0].spec });
  });
});

describe('truncateToRound', () => {
  it('keeps the stages up to the end of that round', () => {
    const recipe = exampleRecipe();
    const finished = planAll(recipe);
    expect(truncateToRound(finished, 2, recipe)).toEqual(finished.slice(0, 5));
    expect(truncateToRound(finished, 0, recipe)).toEqual(finished.slice(0, 1));
  });

  it('refuses a round that the run does not have', () => {
    const recipe = exampleRecipe();
    expect(() => truncateToRound(planAll(recipe), 7, recipe)).toThrow('STAGE_UNDO_ROUND');
    expect(() => truncateToRound([], 0, recipe)).toThrow('STAGE_UNDO_ROUND');
  });
});

describe('a run with swaps', () => {
  const swap = { round: 2, criterion: { name: 'taylor', options: {} } };
  const keys = (recipe: ReturnType<typeof exampleRecipe>) => planAll(recipe).map(({ key }) => key);
  const criteria = (recipe: ReturnType<typeof exampleRecipe>) =>
    planAll(recipe).flatMap(({ spec }) =>
      spec.kind === 'prune' ? [(spec.config as { criterion?: unknown }).criterion] : [],
    );

  it('goes on as before until the round of the swap, and otherwise from there', () => {
    const before = exampleRecipe();
    const after = withSwap(before, swap);
    expect(criteria(after)).toEqual(['magnitude', 'taylor', 'taylor']);
    // train, prune 1 and retrain 1 stay what they were.
    expect(keys(after).slice(0, 3)).toEqual(keys(before).slice(0, 3));
    expect(keys(after)[3]).not.toEqual(keys(before)[3]);
  });

  it('plans the same from the swap in the recipe as from the one that came on the way', () => {
    const live = withSwap(exampleRecipe(), swap);
    const written = exampleRecipe('prune.swaps=[{ round: 2, criterion: taylor }]');
    expect(keys(written)).toEqual(keys(live));
  });

  it('tells a stage the plugin that scores it, and asks for the data that it needs', () => {
    const entry = { from: '/mine', version: '1.0.0', digest: DIGEST, needs: { best: ['gradients'] } };
    const criterion = { name: 'mine/best', options: { power: 2 } };
    const recipe = withSwap(exampleRecipe(), { round: 3, criterion, plugins: { mine: entry } });
    const [, second, third] = planAll(recipe).filter(({ spec }) => spec.kind === 'prune');
    expect(second.spec.data).toBeUndefined();
    expect(third.spec).toMatchObject({
      data: DIGEST,
      config: {
        criterion: {
          name: 'best',
          options: { power: 2 },
          plugin: { name: 'mine', version: '1.0.0', digest: DIGEST },
        },
      },
    });
    expect(recipe.resolved.plugins).toEqual({ mine: DIGEST });
  });

  it('tells a training that prunes which criterion scores from which step on', () => {
    const recipe = exampleRecipe('prune.schedule.rounds=1', 'prune.during={everySteps: 10}');
    const swapped = withSwap(recipe, { ...swap, round: 1, fromStep: 30 });
    const [retrain] = planAll(swapped).filter(({ spec }) => spec.kind === 'retrain');
    expect(retrain.spec.config).toMatchObject({
      during: {
        criterion: 'magnitude',
        swaps: [{ fromStep: 30, criterion: { name: 'taylor', options: {} } }],
      },
    });
  });
});
