import { conflate } from './conflate';

function timers() {
  let nowMs = 0;
  let timer: { dueMs: number; call: () => void } | undefined;
  return {
    clock: { monotonicMs: () => nowMs },
    after: (ms: number, call: () => void) => {
      timer = { dueMs: nowMs + ms, call };
      return () => (timer = undefined);
    },
    to(ms: number) {
      nowMs = ms;
      if (timer && timer.dueMs <= ms) {
        const { call } = timer;
        timer = undefined;
        call();
      }
    },
  };
}

describe('conflate', () => {
  it('lets the first value through at once and then the latest of each interval', () => {
    const sent: number[] = [];
    const time = timers();
    const progress = conflate<number>((value) => sent.push(value), 100, time);
    for (let ms = 0; ms < 300; ms += 10) {
      time.to(ms);
      progress.push(ms);
    }
    expect(sent).toEqual([0, 90, 190]);
  });

  it('sends the value that waits when it is disposed, and nothing twice', () => {
    const sent: string[] = [];
    const time = timers();
    {
      using progress = conflate<string>((value) => sent.push(value), 100, time);
      progress.push('a');
      progress.push('b');
      progress.push('c');
    }
    time.to(1000);
    expect(sent).toEqual(['a', 'c']);
  });
});
