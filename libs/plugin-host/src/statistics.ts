/** Counts of a plugin's calls, and how long the last of them took. */
import type { Clock } from '@espalier/base';
import type { PluginStatistics } from './loaded-plugin';

/** Latencies that are kept: enough for a p99. */
const KEPT = 1_000;

export class CallStatistics {
  calls = 0;
  failed = 0;
  restarts = 0;
  peakBytes = 0;
  private ended = 0;
  private readonly latencies: number[] = [];
  private next = 0;

  constructor(private readonly clock: Clock) {}

  /** Counts the call `run` in; its failure is passed on. */
  async count<T>(run: () => Promise<T>): Promise<T> {
    const from = this.clock.monotonicMs();
    this.calls++;
    try {
      return await run();
    } catch (error) {
      this.failed++;
      throw error;
    } finally {
      this.ended++;
      this.latencies[this.next] = this.clock.monotonicMs() - from;
      this.next = (this.next + 1) % KEPT;
    }
  }

  get unanswered(): number {
    return this.calls - this.ended;
  }

  snapshot(): PluginStatistics {
    const { calls, failed, unanswered, restarts, peakBytes } = this;
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    const mean = sorted.reduce((sum, ms) => sum + ms, 0) / Math.max(1, sorted.length);
    const latencyMs = { mean, p50: at(0.5), p99: at(0.99) };
    return { calls, failed, unanswered, restarts, peakBytes, latencyMs };
  }
}
