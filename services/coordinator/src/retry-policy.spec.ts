import { DEFAULT_RETRY_POLICY, afterFailure, failuresOf, notBeforeMs, retryDelayMs } from './retry-policy';

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

  it('are counted for one stage: another stage begins anew', () => {
    const retries = { key: 'a', count: 3, lastAt: 5_000 };
    expect([failuresOf(retries, 'a'), failuresOf(retries, 'b'), failuresOf(undefined, 'a')]).toEqual([
      3, 0, 0,
    ]);
    expect(notBeforeMs({ retries }, 'a', DEFAULT_RETRY_POLICY)).toBe(5_000 + 1_000);
    expect(notBeforeMs({ retries }, 'b', DEFAULT_RETRY_POLICY)).toBe(0);
  });

  it('come later while services are busy, without an end and without pauses beyond the longest', () => {
    const { maxDelayMs, maxFailures } = DEFAULT_RETRY_POLICY;
    const retries = { key: 'a', count: 3, lastAt: 5_000 };
    const after = (count: number, lastAt: number, key = 'a') =>
      notBeforeMs({ retries, refusals: { key, count, lastAt } }, 'a', DEFAULT_RETRY_POLICY);
    expect(after(1, 8_000)).toBe(8_000 + 250);
    expect(after(2, 8_000)).toBe(8_000 + 500);
    expect(after(3 * maxFailures, 8_000)).toBe(8_000 + maxDelayMs);
    expect(after(1, 5_100)).toBe(5_000 + 1_000);
    expect(after(1, 8_000, 'b')).toBe(5_000 + 1_000);
  });

  it('end with a failure that does not pass, and look for lost inputs after enough of that kind', () => {
    const after = (code: string, retryable: boolean, before: number) =>
      afterFailure({ code, retryable }, before, DEFAULT_RETRY_POLICY);
    expect(after('ENGINE_NAN', false, 0)).toEqual({ again: false, inputsLost: false });
    expect(after('SERVICE_STOPPED', true, 6)).toEqual({ again: true, inputsLost: false });
    expect(after('SERVICE_STOPPED', true, 7)).toEqual({ again: false, inputsLost: false });
    expect(after('TRANSPORT_MISSING', true, 2)).toEqual({ again: true, inputsLost: false });
    expect(after('TRANSPORT_MISSING', true, 3)).toEqual({ again: true, inputsLost: true });
  });
});
