/** What was told of a series, and whether a viewer's buckets say the same. */
import type { Rows } from '@espalier/transport';

/** Everything, at steps 0, 1, 2 ... */
export class ToldSeries {
  private values = new Float64Array(1024);
  length = 0;

  add(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  /** Buckets whose least, greatest or last value is not that of the steps behind the bucket before; one more for values without any. */
  wrong(rows: Rows): number {
    let from = 0;
    let count = 0;
    for (const [x, min, max, last] of rows) {
      let least = Infinity;
      let most = -Infinity;
      for (let step = from; step <= x; step++) {
        least = Math.min(least, this.values[step]);
        most = Math.max(most, this.values[step]);
      }
      if (least !== min || most !== max || this.values[x] !== last) count++;
      from = x + 1;
    }
    return from === this.length ? count : count + 1;
  }
}
