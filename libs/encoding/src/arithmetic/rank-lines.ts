/** What is known of the magnitude ranks and signs of each row and output while they are coded. */
import { STRETCH } from './logistic';
import { ONE } from './range-coder';

/** Running means of rank move by 1 / this at each weight, once that many were seen (version 1). */
const MEMORY = 32;
/** Sums of ranks are halved at so many: they follow what drifts, and 16 times as much fits 32 bits. */
const MOST_SUMMED = 1024;

/** How far ranks lie from their mean, in 1/16. */
export class Spread {
  private count = 0;
  private sum = 0;

  /** `levels`: the most that one sign has. A rank is expected at a fourth of them. */
  constructor(private readonly levels: number) {}

  get prior(): number {
    return 4 * this.levels;
  }

  value(): number {
    return Math.max(1, Math.floor((this.sum + this.prior) / (this.count + 1)));
  }

  /** Before the rank is added to `all`. */
  add(rank: number, all: Line): void {
    this.sum += Math.abs(16 * rank - all.average(0, this.prior, 1));
    if (++this.count < MOST_SUMMED) return;
    this.count >>= 1;
    this.sum >>= 1;
  }
}

/** What is known of the values of a row or an output so far. */
export class Line {
  private readonly count: Int32Array;
  private readonly positive: Int32Array;
  /** Mean rank in 1/16. */
  private readonly rank16: Int32Array;
  private readonly summed: Int32Array;
  private readonly sum: Int32Array;

  constructor(size: number) {
    this.count = new Int32Array(size);
    this.positive = new Int32Array(size);
    this.rank16 = new Int32Array(size);
    this.summed = new Int32Array(size);
    this.sum = new Int32Array(size);
  }

  mean(index: number): number {
    return this.rank16[index];
  }

  /** The mean rank in 1/16, of which `prior` is so many weights' worth. */
  average(index: number, prior: number, strength: number): number {
    return Math.floor((16 * this.sum[index] + strength * prior) / (this.summed[index] + strength));
  }

  signOdds(index: number): number {
    return STRETCH[Math.floor(((this.positive[index] + 2) * ONE) / (this.count[index] + 4))];
  }

  add(index: number, rank: number, positive: number): void {
    const count = ++this.count[index];
    this.positive[index] += positive;
    this.sum[index] += rank;
    if (++this.summed[index] === MOST_SUMMED) {
      this.summed[index] >>= 1;
      this.sum[index] >>= 1;
    }
    const share = Math.min(count, MEMORY);
    this.rank16[index] += Math.trunc((rank * 16 - this.rank16[index]) / share);
  }
}
