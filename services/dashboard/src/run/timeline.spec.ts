import type { StageView } from '@espalier/protocol/view';
import { labelFits, timelineParts, timelineText } from './timeline';

const stage = (title: string, seconds: number, more: Partial<StageView> = {}): StageView =>
  ({ key: title, title, kind: title.split(' ')[0], state: 'done', seconds, ...more }) as StageView;
const STAGES = [
  stage('train', 20),
  stage('prune 1', 1, { round: 1 }),
  stage('retrain 1', 9, { round: 1 }),
  stage('prune 2', 2, { round: 2 }),
  stage('retrain 2', 0, { round: 2, state: 'running' }),
  stage('share', 0, { state: 'waiting' }),
];
const parts = timelineParts(STAGES, ({ state, seconds = 0 }) => (state === 'running' ? 30 : seconds));

describe('the timeline of a run', () => {
  it('has the stages of a round together, and leaves out what has not begun', () => {
    expect(parts.map(({ label, seconds, stages }) => [label, seconds, stages.length])).toEqual([
      ['train', 20, 1],
      ['1', 10, 2],
      ['2', 32, 2],
    ]);
    expect(parts[2].stages.map(({ stage: { title }, seconds }) => [title, seconds])).toEqual([
      ['prune 2', 2],
      ['retrain 2', 30],
    ]);
  });

  it('is said in words', () => {
    expect(timelineText(parts)).toBe(
      'Timeline of 1 min 2 s: train 20 s, round 1 10 s, round 2 32 s. The table below has every stage.',
    );
    expect(timelineText([])).toContain('nothing has begun');
  });

  it('has labels where there is room', () => {
    expect(parts.map((part) => labelFits(part, 62, 300))).toEqual([true, true, true]);
    expect(parts.map((part) => labelFits(part, 62, 60))).toEqual([false, false, true]);
    expect(labelFits(parts[0], 0, 300)).toBe(false);
  });
});
