import { answersOf, compareAnswers, timeRuntimes } from './measure';
import type { Runtime } from './runtimes';

/** Answers image i with class i modulo 3. */
const runtime = (name: string, onCall: (batch: number) => void = () => undefined): Runtime => ({
  name,
  threads: 1,
  ofFile: true,
  answer(first, batch) {
    onCall(batch);
    return Float32Array.from({ length: 3 * batch }, (_, at) =>
      at % 3 === (first + Math.floor(at / 3)) % 3 ? 2 : -1,
    );
  },
  close: () => undefined,
});

describe('latency', () => {
  it('is the median of the rounds, by runtime and batch, in turns', async () => {
    let clock = 0;
    const turns: string[] = [];
    const takes = (name: string, ms: number): Runtime =>
      runtime(name, (batch) => {
        clock += ms * batch;
        if (turns[turns.length - 1] !== `${name} x ${batch}`) turns.push(`${name} x ${batch}`);
      });
    const times = await timeRuntimes([takes('a', 1), takes('b', 3)], {
      batches: [1, 4],
      rounds: 2,
      seconds: 0.1,
      samples: 8,
      now: () => clock,
      progress: () => undefined,
    });
    expect(times.map((each) => Object.fromEntries(each))).toEqual([
      { 1: 1000, 4: 4000 },
      { 1: 3000, 4: 12000 },
    ]);
    const round = ['a x 1', 'b x 1', 'a x 4', 'b x 4'];
    expect(turns).toEqual([...round, ...round]);
  });
});

describe('answers', () => {
  const labels = Uint8Array.from([0, 1, 2, 0, 1, 2, 1]);

  it('are given to all images, also where the last do not fill a batch', async () => {
    for (const batch of [1, 3, 7]) {
      const { best, error } = await answersOf(runtime('a'), batch, { labels, count: 7 });
      expect([...best]).toEqual([0, 1, 2, 0, 1, 2, 0]);
      expect(error).toBeCloseTo(1 / 7);
    }
  });

  it('are compared one by one', async () => {
    const expected = await answersOf(runtime('a'), 1, { labels, count: 7 });
    const logits = expected.logits.slice();
    logits[1] = 2.5;
    const actual = { ...expected, logits, best: expected.best.map((answer, i) => (i === 0 ? 1 : answer)) };
    expect(compareAnswers(actual, expected)).toEqual({ compared: 7, differing: 1, largestDifference: 1.75 });
    expect(compareAnswers(expected, expected)).toMatchObject({ differing: 0, largestDifference: 0 });
  });
});
