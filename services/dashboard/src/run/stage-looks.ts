/** Colours and words of kinds of stages. */
import type { StageView } from '@espalier/protocol/view';
import type { ColourName } from '../charts/colours';

const COLOURS: Readonly<Record<string, ColourName>> = {
  train: 'data-1',
  sensitivity: 'data-7',
  retrain: 'data-3',
  prune: 'data-2',
  pruneUnits: 'data-2',
  shrink: 'data-5',
  share: 'data-4',
  encode: 'data-6',
  evaluate: 'data-7',
};

export function stageColour({ kind }: Pick<StageView, 'kind'>): ColourName {
  return COLOURS[kind] ?? 'data-7';
}

/** The time that each kind took, in the order in which they first came. */
export function secondsByKind(stages: readonly StageView[]): readonly {
  readonly kind: string;
  readonly count: number;
  readonly seconds: number;
  readonly colour: ColourName;
}[] {
  const kinds = new Map<string, { count: number; seconds: number }>();
  for (const { kind, seconds } of stages) {
    if (seconds === undefined) continue;
    const sum = kinds.get(kind) ?? { count: 0, seconds: 0 };
    kinds.set(kind, { count: sum.count + 1, seconds: sum.seconds + seconds });
  }
  return [...kinds].map(([kind, sum]) => ({ kind, ...sum, colour: stageColour({ kind }) }));
}
