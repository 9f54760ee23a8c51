import type { StageResult } from '@espalier/stages';
import { outcomeProblem } from './stage-outcome';

const KEY = 'a'.repeat(64);
const GOOD = { outputs: { snapshot: { kind: 'snapshot', digest: 'c'.repeat(64) } }, metrics: {} } as const;

function problem(result: unknown, key = KEY): string | undefined {
  return outcomeProblem({ key, result: result as StageResult }, KEY);
}

describe('outcomeProblem', () => {
  it('finds nothing wrong with a result of the stage that was asked for', () => {
    expect(problem(GOOD)).toBeUndefined();
  });

  it('names what makes a result unusable', () => {
    expect(problem(GOOD, 'b'.repeat(64))).toBe('it is for another stage');
    expect(problem({ metrics: {} })).toBe('it has no outputs');
    expect(problem({ outputs: {}, metrics: null })).toBe('it has no metrics');
    expect(problem({ outputs: { snapshot: null }, metrics: {} })).toBe('an output has no digest');
    expect(problem({ outputs: { snapshot: { digest: 'x' } }, metrics: {} })).toBe('an output has no digest');
  });
});
