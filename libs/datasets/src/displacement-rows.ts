/**
 * Displacement fields row by row, fast: a field is interpolated along x first, at the rows of nodes alone; along y four of
 * these rows are mixed with weights that are the same for a whole row of pixels.
 */
import { cubicTaps, type CubicTaps, type Displacements } from './displacement';

/** What lies between two nodes is at most this times the largest of the four that it depends on: Keys' |weights|, halfway. */
const OVERSHOOT = 1.25;

export class DisplacementRows {
  /** The field at the rows of nodes: [grid, width, 2]. */
  readonly lines: Float64Array;
  /** For each row of pixels the four lines that make it, and how much. */
  readonly taps: CubicTaps;
  /** What |dx| and |dy| are at most in each row of pixels, or more: [height, 2]. */
  readonly reach: Float64Array;
  private readonly columns: CubicTaps;
  /** The same for the lines: [grid, 2]. */
  private readonly lineReach: Float64Array;

  constructor(
    private readonly grid: number,
    [height, width]: readonly [number, number],
  ) {
    this.taps = cubicTaps(grid, height);
    this.columns = cubicTaps(grid, width);
    this.lines = new Float64Array(2 * grid * width);
    this.reach = new Float64Array(2 * height);
    this.lineReach = new Float64Array(2 * grid);
  }

  /** Turns to the field of sample `index`. */
  open({ vectors }: Displacements, index: number): void {
    const { grid, lines } = this;
    const { nodes, weights } = this.columns;
    const begin = 2 * grid * grid * index;
    const lineSize = nodes.length / 2;
    for (let k = 0; k < nodes.length; k += 4) {
      let n0 = begin + 2 * nodes[k];
      let n1 = begin + 2 * nodes[k + 1];
      let n2 = begin + 2 * nodes[k + 2];
      let n3 = begin + 2 * nodes[k + 3];
      const w0 = weights[k];
      const w1 = weights[k + 1];
      const w2 = weights[k + 2];
      const w3 = weights[k + 3];
      for (let at = k / 2; at < lines.length; at += lineSize) {
        lines[at] = w0 * vectors[n0] + w1 * vectors[n1] + w2 * vectors[n2] + w3 * vectors[n3];
        lines[at + 1] =
          w0 * vectors[n0 + 1] + w1 * vectors[n1 + 1] + w2 * vectors[n2 + 1] + w3 * vectors[n3 + 1];
        n0 += 2 * grid;
        n1 += 2 * grid;
        n2 += 2 * grid;
        n3 += 2 * grid;
      }
    }
    this.findReach(vectors, begin);
  }

  private findReach(vectors: Float64Array, begin: number): void {
    const { grid, lineReach, reach } = this;
    const { nodes, weights } = this.taps;
    let at = begin;
    for (let v = 0; v < 2 * grid; v += 2) {
      let mostX = 0;
      let mostY = 0;
      for (let u = 0; u < grid; u++) {
        mostX = Math.max(mostX, Math.abs(vectors[at++]));
        mostY = Math.max(mostY, Math.abs(vectors[at++]));
      }
      lineReach[v] = OVERSHOOT * mostX;
      lineReach[v + 1] = OVERSHOOT * mostY;
    }
    for (let k = 0; k < nodes.length; k += 4) {
      for (let component = 0; component < 2; component++) {
        // The outer weights are 0 or less, the inner ones 0 or more.
        reach[k / 2 + component] =
          weights[k + 1] * lineReach[2 * nodes[k + 1] + component] +
          weights[k + 2] * lineReach[2 * nodes[k + 2] + component] -
          weights[k] * lineReach[2 * nodes[k] + component] -
          weights[k + 3] * lineReach[2 * nodes[k + 3] + component];
      }
    }
  }
}
