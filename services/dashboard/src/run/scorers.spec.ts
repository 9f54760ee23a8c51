import type { JsonValue } from '@espalier/base';
import type { StageView } from '@espalier/protocol/view';
import {
  scorerMarkers,
  scorersAhead,
  scorersByRounds,
  scorersOf,
  scorersOfRound,
  scorerText,
} from './scorers';

const DIGEST = '0123456789abcdef'.repeat(4);
const OURS = { criterion: 'magnitude', plugin: 'built-in' };
const THEIRS = {
  criterion: 'lamp',
  options: { power: 3 },
  plugin: '@mine/p',
  version: '1.2.0',
  digest: DIGEST,
};
const stage = (round: number, baseX: number, scoredBy?: unknown): StageView =>
  ({
    key: `${round}`,
    title: `prune ${round}`,
    kind: 'prune',
    round,
    state: 'done',
    baseX,
    scoredBy,
  }) as StageView;
const texts = (scoredBy: unknown) => scorersOf(stage(1, 0, scoredBy)).map(scorerText);

describe('who scored', () => {
  it('is said with plugin, version and the beginning of the digest', () => {
    expect(texts(OURS)).toEqual(['magnitude, built in']);
    expect(texts(THEIRS)).toEqual(['lamp (power 3) of @mine/p 1.2.0, 0123456789ab']);
  });

  it('is several where the pruning was swapped inside a training, and nobody before a stage has told', () => {
    expect(
      texts([
        { ...OURS, fromStep: 0 },
        { ...THEIRS, fromStep: 700 },
      ]),
    ).toHaveLength(2);
    expect([texts(undefined), texts(null), texts([{ fromStep: 3 }])]).toEqual([[], [], []]);
  });

  it('is found by its round', () => {
    const stages = [stage(1, 0, OURS), stage(2, 9, THEIRS)];
    expect(scorersOfRound(stages, 2).map(({ criterion }) => criterion)).toEqual(['lamp']);
    expect(scorersOfRound(stages, 3)).toEqual([]);
  });

  it('is said once of rounds that follow each other', () => {
    const stages = [
      stage(1, 0, OURS),
      stage(2, 9, THEIRS),
      stage(3, 19, THEIRS),
      stage(4, 29, OURS),
      stage(5, 39),
    ];
    expect(scorersByRounds(stages).map(({ rounds, scorers }) => [rounds, scorers[0].criterion])).toEqual([
      ['Round 1', 'magnitude'],
      ['Rounds 2 to 3', 'lamp'],
      ['Round 4', 'magnitude'],
    ]);
  });

  it('is known of a fallback with the reason', () => {
    const [{ failure }] = scorersOf(stage(1, 0, { ...OURS, fallback: true, failure: 'it broke' }));
    expect(failure).toBe('it broke');
  });
});

describe('marks on curves', () => {
  it('stand where another took over, by the step', () => {
    const during = [
      { ...OURS, fromStep: 0 },
      { ...THEIRS, fromStep: 700 },
    ];
    expect(scorerMarkers([stage(1, 100, OURS), stage(2, 200, OURS), stage(3, 300, during)])).toEqual([
      { x: 1000, label: 'lamp', kind: 'scorer' },
    ]);
  });

  it('tell another version or other options of the same criterion apart', () => {
    const labels = scorerMarkers([
      stage(1, 1, { ...THEIRS, options: {} }),
      stage(2, 2, { ...THEIRS, options: {}, version: '1.3.0', digest: DIGEST.slice(1) + '0' }),
      stage(3, 3, THEIRS),
    ]).map(({ label }) => label);
    expect(labels).toEqual(['lamp 1.3.0', 'lamp power 3']);
  });
});

describe('criteria to come', () => {
  const swaps = [
    { round: 2, criterion: { name: 'random', options: {} } },
    { round: 3, criterion: { name: 'taylor', options: {} } },
    { round: 3, fromStep: 70, criterion: { name: '@mine/p/lamp', options: {} } },
  ];
  const ahead = (prune: Record<string, JsonValue>, kind: string) => {
    const coming = { ...stage(3, 9), kind, title: `${kind} 3`, state: 'waiting' } as const;
    return [...scorersAhead({ recipe: { prune }, stages: [stage(2, 5, OURS), coming] })];
  };

  it('are those of the recipe, at the stages that score and are not done', () => {
    const said = 'taylor, @mine/p/lamp from step 70';
    expect(ahead({ swaps }, 'prune')).toEqual([['prune 3', said]]);
    expect(ahead({ swaps }, 'retrain')).toEqual([]);
    expect(ahead({ swaps, during: {} }, 'retrain')).toEqual([['retrain 3', said]]);
    expect(ahead({}, 'prune')).toEqual([]);
  });
});
