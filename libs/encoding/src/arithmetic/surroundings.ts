/**
 * What survived around a weight, in the same output and channel, within 3 pixels: kept as one running sum a weight, to which
 * each survivor adds when it is coded. Only the pixels after it in raster order need that, and every scan order keeps the raster
 * within a channel. Survivors are few, so this costs far less than looking around from every weight.
 */
import { isSpatial, type KernelView } from './kernel-view';

const RADIUS = 3;
/** What a survivor adds at this squared distance; 0 beyond. */
const SHARE_BY_DISTANCE = [0, 6, 5, 0, 3, 3, 0, 0, 2, 2, 1] as const;

export interface Offset {
  readonly dy: number;
  readonly dx: number;
  readonly share: number;
}

/** The weights ahead that a survivor adds to. A sum is at most that of all shares, 52: it fits a byte. */
export const OFFSETS: readonly Offset[] = offsetsAhead();

export class Surroundings {
  /** [rows, outputs]; empty when the rows lie in no plane. */
  readonly sums: Int16Array;
  private readonly spatial: boolean;

  constructor(private readonly view: KernelView) {
    this.spatial = isSpatial(view);
    this.sums = new Int16Array(this.spatial ? view.rows * view.outputs : 0);
  }

  at(row: number, output: number): number {
    return this.spatial ? this.sums[row * this.view.outputs + output] : 0;
  }

  /** Adds `value` times the share of its distance to every weight ahead. */
  add(row: number, output: number, value: number): void {
    if (!this.spatial) return;
    const { width, height, channels, outputs } = this.view;
    const pixel = Math.floor(row / channels);
    const x = pixel % width;
    const y = (pixel - x) / width;
    for (const { dy, dx, share } of OFFSETS) {
      if (y + dy >= height || x + dx < 0 || x + dx >= width) continue;
      const at = (row + (dy * width + dx) * channels) * outputs + output;
      const sum = this.sums[at] + value * share;
      this.sums[at] = sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum;
    }
  }
}

function offsetsAhead(): Offset[] {
  const offsets: Offset[] = [];
  for (let dy = 0; dy <= RADIUS; dy++) {
    for (let dx = dy === 0 ? 1 : -RADIUS; dx <= RADIUS; dx++) {
      const share = SHARE_BY_DISTANCE[dy * dy + dx * dx] ?? 0;
      if (share > 0) offsets.push({ dy, dx, share });
    }
  }
  return offsets;
}
