/** The stages of a run along its time: those of a round together, others by themselves. Pure. */
import type { StageView } from '@espalier/protocol/view';
import { durationText } from '../text/format';

export interface TimelinePart {
  /** `3` for a round, else the stage's title. */
  readonly label: string;
  /** `round 3`. */
  readonly name: string;
  readonly seconds: number;
  readonly stages: readonly TimedStage[];
}

export interface TimedStage {
  readonly stage: StageView;
  readonly seconds: number;
}

/** Only what has begun is there. @param secondsOf what a stage took, or is expected to take */
export function timelineParts(
  stages: readonly StageView[],
  secondsOf: (stage: StageView) => number,
): readonly TimelinePart[] {
  const parts: (TimelinePart & { readonly round?: number; stages: TimedStage[]; seconds: number })[] = [];
  for (const stage of stages) {
    if (stage.state !== 'done' && stage.state !== 'running') continue;
    const { round, title } = stage;
    const timed = { stage, seconds: secondsOf(stage) };
    const last = parts.at(-1);
    if (last && round !== undefined && last.round === round) {
      last.stages.push(timed);
      last.seconds += timed.seconds;
    } else {
      const label = round === undefined ? title : String(round);
      const name = round === undefined ? title : `round ${round}`;
      parts.push({
        label,
        name,
        seconds: timed.seconds,
        stages: [timed],
        ...(round !== undefined && { round }),
      });
    }
  }
  return parts;
}

/** Of a letter, and of what stands between two labels. */
const LETTER_PX = 7;
const GAP_PX = 4;

/** Does the label stand below its part, when all of the time is `width` pixels wide? */
export function labelFits({ label, seconds }: TimelinePart, total: number, width: number): boolean {
  return total > 0 && (width * seconds) / total >= label.length * LETTER_PX + GAP_PX;
}

/** What the picture says, for who does not see it. */
export function timelineText(parts: readonly TimelinePart[]): string {
  const total = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  const each = parts.map(({ name, seconds }) => `${name} ${durationText(seconds)}`).join(', ');
  return `Timeline of ${durationText(total)}: ${each || 'nothing has begun'}. The table below has every stage.`;
}
