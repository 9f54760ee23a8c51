/** A bucket of tokens: so many a second, and as many at once. */
import type { Clock } from '@espalier/base';

export class Rate {
  private left: number;
  private atMs: number;

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {
    this.left = perSecond;
    this.atMs = clock.monotonicMs();
  }

  /** False when it is too much. */
  take(count = 1): boolean {
    const now = this.clock.monotonicMs();
    this.left = Math.min(this.perSecond, this.left + ((now - this.atMs) / 1000) * this.perSecond);
    this.atMs = now;
    this.left -= count;
    return this.left >= 0;
  }

  /** Takes one, and says in how many milliseconds it is there: who comes later waits for longer. */
  bookMs(): number {
    return this.take() ? 0 : (-this.left / this.perSecond) * 1000;
  }
}
