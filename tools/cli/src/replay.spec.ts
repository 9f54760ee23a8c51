import { parseRecipe, type ResolvedRecipe } from '@espalier/recipe';
import { nextStage, stageKey } from '@espalier/stages';
import { sha256 } from '@espalier/tensor/digest';
import { notOf, replayCaveat, requireSameTraining } from './replay';
import type { LoggedStage } from './run-records';

const TEXT = `version: 1
name: small
network: lenet-300-100
engine: { threads: 2 }
train: { epochs: 2, learningRate: { kind: constant, base: 0.001 } }
prune: { keep: { global: 0.1 }, schedule: { rounds: 2, kind: linear } }
retrain: { epochs: 1, learningRate: { kind: constant, base: 0.001 } }
share: { bits: 3 }
resolved: { createdBy: 0.1.0, data: ${'d'.repeat(64)}, fingerprint: native }
`;

function recipeWith(...sets: readonly string[]): ResolvedRecipe {
  return parseRecipe(TEXT, { sets }).recipe as ResolvedRecipe;
}

/** `finished`, and after it what the recipe makes of it, up to so many stages. */
function goOn(recipe: ResolvedRecipe, finished: readonly LoggedStage[], count = 99): LoggedStage[] {
  const stages = [...finished];
  while (stages.length < count) {
    const next = nextStage(recipe, stages);
    if (next.step === 'done') break;
    const { spec } = next;
    const key = stageKey(spec, sha256);
    const outputs = {
      snapshot: { kind: 'snapshot', digest: key },
      artifact: { kind: 'blob', digest: key },
    } as const;
    const metrics = { heldOutError: 0.01 };
    stages.push({ spec, key, result: { outputs, metrics }, seconds: 1, cached: false, recipe });
  }
  return stages;
}

const titles = (stages: readonly LoggedStage[]): string[] =>
  stages.map(({ spec: { kind, round } }) => (round === undefined ? kind : `${kind} ${round}`));

describe('the recipe of a run', () => {
  const first = recipeWith();
  const rounds = goOn(first, [], 5);

  it('replays a run that nobody took back', () => {
    expect(replayCaveat(first, goOn(first, []))).toBeUndefined();
  });

  it('replays a run whose undo changed only what comes after it', () => {
    const changed = recipeWith('share.bits=4');
    expect(replayCaveat(changed, goOn(changed, rounds))).toBeUndefined();
  });

  it('changes by an undo what no swap does, from the next round on: granularity, schedule, quantizer, codec', () => {
    const digest = 'e'.repeat(64);
    const changed = recipeWith(
      `plugins={mine: {from: /mine, version: 1.0.0, digest: ${digest}}}`,
      'prune.granularity=mine/blocks',
      'prune.schedule={kind: cubic, rounds: 3}',
      'share={quantizer: mine/few}',
      'encode.codec=mine/packed',
    );
    const after = goOn(changed, rounds.slice(0, 3)).slice(3);
    expect(titles(after).filter((title) => /prune|share|encode/.test(title))).toEqual([
      'prune 2',
      'prune 3',
      'share',
      'encode',
    ]);
    const said = (title: string): string => JSON.stringify(after[titles(after).indexOf(title)].spec.config);
    const mine = (name: string): string =>
      JSON.stringify({ name, options: {}, plugin: { name: 'mine', version: '1.0.0', digest } });
    expect(said('prune 2')).toContain(mine('blocks'));
    expect(said('share')).toContain(mine('few'));
    expect(said('encode')).toContain(mine('packed'));
  });

  it('does not replay rounds that an undo kept and would now be others, and says what made them', () => {
    const changed = recipeWith('retrain.learningRate.base=0.0005', 'retrain.l2=0.01');
    const stages = goOn(changed, rounds.slice(0, 3));
    expect(titles(stages)).toContain('retrain 2');
    expect(titles(notOf(changed, stages))).toEqual(['retrain 1']);
    expect(replayCaveat(changed, stages)).toBe(
      'Does not replay: an undo kept stages that this recipe would make differently.\n' +
        '  retrain 1: made with retrain.learningRate.base=0.001, retrain.l2=0',
    );
  });

  it('replays rounds that an undo kept, though it asks for curves now, which a run has before them', () => {
    const asking = recipeWith('prune.sensitivity={ keep: [0.5], retrainSteps: 1 }');
    const stages = goOn(asking, rounds.slice(0, 3));
    expect(titles(stages)).not.toContain('sensitivity');
    expect(replayCaveat(asking, stages)).toBeUndefined();
    const scanned = goOn(asking, []);
    expect(titles(scanned).slice(0, 3)).toEqual(['train', 'sensitivity', 'prune 1']);
    expect(replayCaveat(asking, scanned)).toBeUndefined();
    expect(titles(notOf(first, scanned))).toEqual(['sensitivity']);
  });

  it('says of settings that were added since that they were not there', () => {
    const changed = recipeWith('retrain.distill.weight=0.5');
    expect(replayCaveat(changed, goOn(changed, rounds))).toContain('no retrain.distill.weight');
  });

  it('may not ask for another dense network than the one that is kept', () => {
    const sets = ['train.epochs=3'];
    expect(() => requireSameTraining(first, recipeWith(...sets), sets)).toThrow(
      /^CLI_UNDO_TRAIN: .*--set train.epochs=3 would train another network/,
    );
    expect(() => requireSameTraining(first, recipeWith('share.bits=4'), [])).not.toThrow();
  });
});
