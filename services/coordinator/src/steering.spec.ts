import type { RunStatus } from './fold-run';
import { isOpen, requireSteerable, type SteeringWish } from './steering';

const STATUSES: readonly RunStatus[] = ['queued', 'running', 'paused', 'stopped', 'done', 'failed'];

function allowed(wish: SteeringWish): readonly RunStatus[] {
  return STATUSES.filter((status) => {
    try {
      requireSteerable({ id: 'r', status }, wish);
      return true;
    } catch {
      return false;
    }
  });
}

describe('steering', () => {
  it('allows a wish in the states in which it means something', () => {
    expect(allowed('paused')).toEqual(['queued', 'running']);
    expect(allowed('resumed')).toEqual(['paused', 'stopped', 'failed']);
    expect(allowed('stopped')).toEqual(['queued', 'running', 'paused', 'failed']);
    expect(allowed('undone')).toEqual(['running', 'paused', 'stopped', 'done', 'failed']);
  });

  it('says what can be done instead', () => {
    expect(() => requireSteerable({ id: 'r1', status: 'done' }, 'resumed')).toThrow(
      /run r1 is done, so it cannot be resumed; .*"undo" goes back/,
    );
  });

  it('counts a run as open while it waits or works', () => {
    expect(STATUSES.filter((status) => isOpen({ status }))).toEqual(['queued', 'running']);
  });
});
