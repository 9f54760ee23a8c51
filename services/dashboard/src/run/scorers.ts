/** Who scored the prunings of a run, and where another took over. Pure. */
import type { JsonValue } from '@espalier/base';
import type { RunView, StageView } from '@espalier/protocol/view';
import type { Marker } from '../charts/time-chart';
import { field, numberIn, textIn } from './run-figures';

export interface Scorer {
  readonly criterion: string;
  /** `power 3, by std`; only those that are not its defaults. */
  readonly options?: string;
  /** Its name, or `built-in`. */
  readonly plugin: string;
  readonly version?: string;
  /** As many digits as tell versions apart. */
  readonly digest?: string;
  /** Why it stood in for another. */
  readonly failure?: string;
  /** Of a pruning inside a training: the step of the stage from which on. */
  readonly fromStep: number;
}

/** As in the keys of second versions of a plugin in a recipe. */
const DIGEST_LETTERS = 12;

/** In their order: one, but of a training that prunes perhaps several; none of a stage that has not told. */
export function scorersOf({ scoredBy }: Pick<StageView, 'scoredBy'>): readonly Scorer[] {
  const told = (Array.isArray(scoredBy) ? scoredBy : [scoredBy]) as readonly (JsonValue | undefined)[];
  return told.flatMap((one) => {
    const criterion = textIn(one, 'criterion');
    if (criterion === undefined) return [];
    return [
      {
        criterion,
        options: optionsText(field(one, 'options')),
        plugin: textIn(one, 'plugin') ?? 'built-in',
        version: textIn(one, 'version'),
        digest: textIn(one, 'digest')?.slice(0, DIGEST_LETTERS),
        failure: textIn(one, 'failure'),
        fromStep: numberIn(one, 'fromStep') ?? 0,
      },
    ];
  });
}

/** All who scored in a round. */
export function scorersOfRound(stages: readonly StageView[], round: number): readonly Scorer[] {
  return stages.flatMap((stage) => (stage.round === round ? scorersOf(stage) : []));
}

/** Neighbouring rounds that the same scored: `Rounds 2 to 4`. */
export function scorersByRounds(
  stages: readonly StageView[],
): readonly { readonly rounds: string; readonly scorers: readonly Scorer[] }[] {
  const spans: { first: number; last: number; scorers: readonly Scorer[] }[] = [];
  for (const round of new Set(stages.flatMap((stage) => stage.round ?? []))) {
    const scorers = scorersOfRound(stages, round);
    if (scorers.length === 0) continue;
    const before = spans.at(-1);
    if (before && JSON.stringify(before.scorers) === JSON.stringify(scorers)) before.last = round;
    else spans.push({ first: round, last: round, scorers });
  }
  return spans.map(({ first, last, scorers }) => ({
    rounds: first === last ? `Round ${first}` : `Rounds ${first} to ${last}`,
    scorers,
  }));
}

/** `lamp (power 3) of @mine/p 1.2.0, 3f2a91bc0d1e`; `magnitude, built in`. */
export function scorerText({ criterion, options, plugin, version, digest }: Scorer): string {
  const what = options === undefined ? criterion : `${criterion} (${options})`;
  if (plugin === 'built-in') return `${what}, built in`;
  return `${what} of ${plugin}${version === undefined ? '' : ` ${version}`}${digest === undefined ? '' : `, ${digest}`}`;
}

/** Where another scored than before: another criterion, version or options. */
export function scorerMarkers(stages: readonly StageView[]): Marker[] {
  let before: Scorer | undefined;
  const markers: Marker[] = [];
  for (const stage of stages) {
    for (const scorer of scorersOf(stage)) {
      if (before !== undefined && scorerText(scorer) !== scorerText(before)) {
        const label = scorer.criterion === before.criterion ? shortText(scorer) : scorer.criterion;
        markers.push({ x: stage.baseX + scorer.fromStep, label, kind: 'scorer' });
      }
      before = scorer;
    }
  }
  return markers;
}

/** Criteria that the recipe holds ready, by the title of the stage that begins with them: `taylor`, `taylor from step 300`. */
export function scorersAhead({
  recipe,
  stages,
}: Pick<RunView, 'recipe' | 'stages'>): ReadonlyMap<string, string> {
  const prune = field(recipe, 'prune');
  const scored = field(prune, 'during') === undefined ? 'prune' : 'retrain';
  const byRound = swapsByRound(field(prune, 'swaps'));
  return new Map(
    stages.flatMap(({ kind, round, state, title }) => {
      const said = round === undefined ? undefined : byRound.get(round);
      return said !== undefined && kind === scored && state !== 'done' ? [[title, said] as const] : [];
    }),
  );
}

function swapsByRound(swaps: JsonValue | undefined): ReadonlyMap<number, string> {
  const ahead = new Map<number, string>();
  for (const swap of Array.isArray(swaps) ? (swaps as readonly JsonValue[]) : []) {
    const round = numberIn(swap, 'round');
    const name = textIn(field(swap, 'criterion'), 'name');
    if (round === undefined || name === undefined) continue;
    const step = numberIn(swap, 'fromStep');
    const said = step === undefined ? name : `${name} from step ${step}`;
    const before = ahead.get(round);
    ahead.set(round, before === undefined ? said : `${before}, ${said}`);
  }
  return ahead;
}

function shortText({ criterion, options, version }: Scorer): string {
  return `${criterion} ${options ?? version ?? ''}`.trim();
}

function optionsText(options: JsonValue | undefined): string | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return undefined;
  const said = Object.entries(options).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return said.length === 0 ? undefined : said.join(', ');
}
