import type { PluginHostResults } from '../plugin-host/results';
import { pluginGoals } from './plugin-goals';

const hostile = {
  plugin: 'heap-bomb',
  expected: 'PLUGIN_MEMORY',
  code: 'PLUGIN_MEMORY',
  deadlineMs: 2_000,
  ms: 3_000,
  peakBytes: 110e6,
  capBytes: 100e6,
  left: 0,
  round: { ms: 3_000, deadlineMs: 2_000, byFallback: true, failure: 'PLUGIN_FAILED: out of memory' },
};

const AT_THE_LIMITS = {
  overhead: [
    { weights: 266_200, inProcessMs: [1, 2, 3], ownProcessMs: [17, 16, 40] },
    { weights: 61_000_000, inProcessMs: [500], ownProcessMs: [2_000] },
    { weights: 7, inProcessMs: [1], ownProcessMs: [9_000] },
  ],
  swaps: {
    swaps: 500,
    callsPerRound: 50,
    rounds: 10_000,
    calls: 500_000,
    seconds: 100,
    lost: 0,
    answeredTwice: 0,
    mixedRounds: 0,
    firstAnswerMs: { p50: 9, p99: 500, most: 700 },
    residentBytes: { before: 100e6, after: 120e6 },
  },
  hostile: [hostile],
} satisfies Partial<PluginHostResults>;

function metOf(changes: Partial<PluginHostResults> = {}): boolean[] {
  return pluginGoals({ ...AT_THE_LIMITS, ...changes } as PluginHostResults).map(({ met }) => met);
}

describe('goals of plugins', () => {
  it('are met at their limits; a size that no goal is set for has none', () => {
    expect(metOf()).toEqual([true, true, true, true, true, true, true, true]);
  });

  it('are missed just beyond', () => {
    const { swaps } = AT_THE_LIMITS;
    expect(metOf({ overhead: [{ weights: 266_200, inProcessMs: [1], ownProcessMs: [16.1] }] })[0]).toBe(
      false,
    );
    const worse = {
      ...swaps,
      seconds: 100.1,
      mixedRounds: 1,
      firstAnswerMs: { ...swaps.firstAnswerMs, p99: 501 },
      residentBytes: { before: 0, after: 20_000_001 },
    };
    expect(metOf({ swaps: worse }).slice(2, 6)).toEqual([false, false, false, false]);
  });

  it.each([
    ['another error', { code: 'PLUGIN_CRASHED' }],
    ['an answer after the deadline', { ms: 3_001 }],
    ['memory over its cap', { peakBytes: 110_000_001 }],
    ['a process that is left', { left: 1 }],
  ])('are missed with %s', (_, change) => {
    expect(metOf({ hostile: [hostile, { ...hostile, ...change }] }).slice(-2)).toEqual([false, true]);
  });

  it.each([
    ['was late', { ms: 3_001 }],
    ["was not the fallback's", { byFallback: false }],
  ])('are missed with a round that %s', (_, change) => {
    const round = { ...hostile.round, ...change };
    expect(metOf({ hostile: [hostile, { ...hostile, round }] }).slice(-2)).toEqual([true, false]);
  });

  it('say nothing of rounds where none were measured', () => {
    expect(metOf({ hostile: [{ ...hostile, round: undefined }] as never })).toHaveLength(7);
  });
});
