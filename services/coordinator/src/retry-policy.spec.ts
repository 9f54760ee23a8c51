import { DEFAULT_RETRY_POLICY, retryDelayMs } from './retry-policy';

describe('retries', () => {
  it('come with growing pauses up to a limit, and end', () => {
    const policy = { ...DEFAULT_RETRY_POLICY, maxFailures: 5, firstDelayMs: 100, maxDelayMs: 300 };
    expect([1, 2, 3, 4, 5].map((count) => retryDelayMs(count, policy))).toEqual([
      100,
      200,
      300,
      300,
      undefined,
    ]);
  });

  it('leave a supervisor the time to start a service again', () => {
    const delays = Array.from({ length: 7 }, (_x, i) => retryDelayMs(i + 1, DEFAULT_RETRY_POLICY) ?? 0);
    expect(delays.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(10_000);
  });
});
