/**
 * One series of figures in bounded memory: buckets of neighbouring values, of each its last x, least, greatest and last value. When
 * there is no room for another bucket, neighbours are merged in pairs, so that no extreme is ever lost. A gap (all NaN) stands between
 * two stages and is merged with nothing.
 */
import type { Buckets } from '@espalier/protocol';

const FIRST_ROOM = 64;
/** Merging leaves at most this share of the room in use; where gaps stand in the way, they go. */
const MOST_AFTER_MERGE = 3 / 4;

export class BucketSeries {
  x: Float64Array;
  min: Float64Array;
  max: Float64Array;
  last: Float64Array;
  length = 0;
  /** Another one: buckets that were there before are not what they were. */
  generation: number;
  /** Values in a full bucket. */
  private width = 1;
  /** Values in the last bucket; at `width` a value starts a new one. */
  private filled = 0;
  private capacity: number;
  private readonly newGeneration: () => number;

  /** @param newGeneration gives a number that it has not given before */
  constructor(capacity: number, newGeneration: () => number) {
    this.capacity = capacity;
    this.newGeneration = newGeneration;
    this.generation = newGeneration();
    const room = Math.min(FIRST_ROOM, capacity);
    this.x = new Float64Array(room);
    this.min = new Float64Array(room);
    this.max = new Float64Array(room);
    this.last = new Float64Array(room);
  }

  /** @param x not below the one before */
  append(x: number, y: number): void {
    if (this.length > 0 && this.filled < this.width && !this.isGap(this.length - 1)) {
      const i = this.length - 1;
      this.x[i] = x;
      if (y < this.min[i]) this.min[i] = y;
      if (y > this.max[i]) this.max[i] = y;
      this.last[i] = y;
      this.filled++;
      return;
    }
    this.makeRoom();
    // Merging may have left the last bucket with room in it.
    if (this.length > 0 && this.filled < this.width && !this.isGap(this.length - 1)) return this.append(x, y);
    this.put(this.length++, x, y, y, y);
    this.filled = 1;
  }

  /** What comes next is of another stage. */
  gap(x: number): void {
    if (this.length === 0 || this.isGap(this.length - 1)) return;
    this.makeRoom();
    this.put(this.length++, x, NaN, NaN, NaN);
    this.filled = 0;
  }

  isGap(i: number): boolean {
    return Number.isNaN(this.last[i]);
  }

  /** Cuts off what is beyond `x`. */
  truncate(x: number): void {
    let length = this.length;
    while (length > 0 && this.x[length - 1] > x) length--;
    if (length === this.length) return;
    this.length = length;
    // What comes next starts a bucket: the last one is of another stage.
    this.filled = this.width;
    this.generation = this.newGeneration();
  }

  setCapacity(capacity: number): void {
    this.capacity = capacity;
    while (this.length > capacity) this.merge();
    if (this.x.length > capacity) this.resize(capacity);
  }

  columns(): Buckets {
    const { x, min, max, last, length } = this;
    const [xs, mins, maxs, lasts] = [x, min, max, last].map((column) => column.subarray(0, length));
    return { x: xs, min: mins, max: maxs, last: lasts };
  }

  private makeRoom(): void {
    if (this.length < this.x.length) return;
    if (this.x.length < this.capacity) return this.resize(Math.min(this.capacity, 2 * this.x.length));
    this.merge();
  }

  /** Pairs of neighbours, from each gap on, become one. */
  private merge(): void {
    const before = this.length;
    this.mergePairs();
    if (this.length > MOST_AFTER_MERGE * before) this.dropGaps();
    this.generation = this.newGeneration();
  }

  private mergePairs(): void {
    let to = 0;
    let filled = this.filled;
    for (let i = 0; i < this.length; to++) {
      const isPair = i + 1 < this.length && !this.isGap(i) && !this.isGap(i + 1);
      if (!isPair) {
        this.put(to, this.x[i], this.min[i], this.max[i], this.last[i]);
        i++;
        continue;
      }
      const min = Math.min(this.min[i], this.min[i + 1]);
      const max = Math.max(this.max[i], this.max[i + 1]);
      this.put(to, this.x[i + 1], min, max, this.last[i + 1]);
      if (i + 2 === this.length) filled = this.width + this.filled;
      i += 2;
    }
    this.length = to;
    this.width *= 2;
    this.filled = filled;
  }

  /** More gaps than values: then values of two stages lie side by side. */
  private dropGaps(): void {
    let to = 0;
    for (let i = 0; i < this.length; i++) {
      if (this.isGap(i)) continue;
      this.put(to++, this.x[i], this.min[i], this.max[i], this.last[i]);
    }
    this.length = to;
    this.mergePairs();
  }

  private put(i: number, x: number, min: number, max: number, last: number): void {
    this.x[i] = x;
    this.min[i] = min;
    this.max[i] = max;
    this.last[i] = last;
  }

  private resize(room: number): void {
    const moved = (column: Float64Array): Float64Array => {
      const larger = new Float64Array(room);
      larger.set(column.subarray(0, this.length));
      return larger;
    };
    this.x = moved(this.x);
    this.min = moved(this.min);
    this.max = moved(this.max);
    this.last = moved(this.last);
  }
}
