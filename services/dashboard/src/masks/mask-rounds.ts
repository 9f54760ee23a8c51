/** The moments that masks are compared between: one a round, after its last stage, and one a stage outside of rounds. Pure. */
import type { StageView } from '@espalier/protocol/view';

export interface MaskMoment {
  /** Of the stage whose pictures are shown. */
  readonly key: string;
  readonly title: string;
  /** Grows while the stage goes on. */
  readonly version: number;
  readonly round?: number;
}

type Stage = Pick<StageView, 'key' | 'title' | 'round' | 'hasView' | 'viewVersion'>;

/** In the order of the stages; of a round the latest stage that has pictures. */
export function maskMoments(stages: readonly Stage[]): readonly MaskMoment[] {
  const moments: MaskMoment[] = [];
  for (const { key, title, round, hasView, viewVersion: version = 0 } of stages) {
    if (!hasView) continue;
    if (round !== undefined && moments.at(-1)?.round === round) moments.pop();
    moments.push(
      round === undefined ? { key, title, version } : { key, title: `round ${round}`, version, round },
    );
  }
  return moments;
}

/** Undefined where that round has no pictures. */
export function momentOfRound(moments: readonly MaskMoment[], round: number | undefined): number | undefined {
  const at = moments.findIndex((moment) => moment.round !== undefined && moment.round === round);
  return at < 0 ? undefined : at;
}

/** Where one looks first: at the latest round, as what follows (shrink, share) changes no mask; before there is one, at the latest. */
export function latestMoment(moments: readonly MaskMoment[]): number {
  const round = moments.findLastIndex((moment) => moment.round !== undefined);
  return round < 0 ? moments.length - 1 : round;
}
