/** The moments that masks are compared between: one a round, after its last stage, and one a stage outside of rounds. Pure. */
import type { StageView } from '@espalier/protocol/view';

export interface MaskMoment {
  /** Of the stage whose pictures are shown. */
  readonly key: string;
  readonly title: string;
  /** Grows while the stage goes on. */
  readonly version: number;
}

type Stage = Pick<StageView, 'key' | 'title' | 'round' | 'hasView' | 'viewVersion'>;

/** In the order of the stages; of a round the latest stage that has pictures. */
export function maskMoments(stages: readonly Stage[]): readonly MaskMoment[] {
  const moments: (MaskMoment & { readonly round?: number })[] = [];
  for (const { key, title, round, hasView, viewVersion = 0 } of stages) {
    if (!hasView) continue;
    const last = moments.at(-1);
    if (round !== undefined && last?.round === round) moments.pop();
    const words = round === undefined ? title : `round ${round}`;
    moments.push({ key, title: words, version: viewVersion, ...(round === undefined ? {} : { round }) });
  }
  return moments.map(({ key, title, version }) => ({ key, title, version }));
}
