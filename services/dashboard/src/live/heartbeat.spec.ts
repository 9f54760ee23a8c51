import { HEARTBEAT, beat, beginHeartbeat, heard, type Heartbeat } from './heartbeat';

/** Ticks every half second until something is to be done; returns what, and when. */
function ticksUntilAction(state: Heartbeat, from: number): { action: string; at: number; next: Heartbeat } {
  for (let at = from; ; at += HEARTBEAT.tickMs) {
    const { next, action } = beat(state, at);
    state = next;
    if (action !== 'none') return { action, at, next };
  }
}

describe('a heartbeat', () => {
  it('asks after two seconds of silence, and gives up when no answer comes', () => {
    const asked = ticksUntilAction(beginHeartbeat(0), 500);
    expect(asked).toMatchObject({ action: 'ask', at: 2_000 });
    expect(ticksUntilAction(asked.next, 2_500)).toMatchObject({ action: 'give up', at: 3_500 });
  });

  it('asks nothing while messages come', () => {
    let state = beginHeartbeat(0);
    for (let at = 500; at < 20_000; at += 500) {
      state = heard(state, at - 100);
      const { next, action } = beat(state, at);
      expect(action).toBe('none');
      state = next;
    }
  });

  it('is content with any message as answer', () => {
    const asked = ticksUntilAction(beginHeartbeat(0), 500);
    expect(ticksUntilAction(heard(asked.next, 2_100), 2_500)).toMatchObject({ action: 'ask', at: 4_500 });
  });

  it('asks at once when the machine has slept, and gives up within three seconds of the return', () => {
    const asked = beat(beat(beginHeartbeat(0), 500).next, 60_500);
    expect(asked.action).toBe('ask');
    const { action, at } = ticksUntilAction(asked.next, 61_000);
    expect(action).toBe('give up');
    expect(at - 60_500).toBeLessThanOrEqual(1_500);
  });

  it('takes nothing but the answer for a sign of life after a sleep: the rest may have lain there since before', () => {
    const asked = beat(beat(beginHeartbeat(0), 500).next, 60_500);
    const late = heard(asked.next, 60_510);
    expect(ticksUntilAction(late, 61_000)).toMatchObject({ action: 'give up', at: 61_500 });
    const answered = heard(late, 60_600, true);
    expect(ticksUntilAction(answered, 61_000)).toMatchObject({ action: 'ask', at: 63_000 });
  });

  it('does not give up a connection for an answer that it slept through', () => {
    const asked = ticksUntilAction(beginHeartbeat(0), 500);
    expect(beat(asked.next, 90_000).action).toBe('ask');
  });

  it('asks at once where there is a reason to doubt', () => {
    expect(beat(beginHeartbeat(0), 100, true).action).toBe('ask');
  });
});
