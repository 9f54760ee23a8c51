/**
 * A drawn digit as MNIST has them (LeCun et al. 1998, section III.A): brought into a box of 20 x 20 pixels with its proportions
 * kept, drawn grey at the edges, and moved until its centre of mass is in the middle of 28 x 28. What is scaled is the pen's way
 * and not its picture, so that a small drawing does not come out thick; and nothing here depends on how a browser draws lines, so
 * that Node has the same bits.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The way of the pen from down to up; in any unit. */
export type Stroke = readonly Point[];

export const IMAGE_SIZE = 28;
const BOX = 20;
/** Of the mean centre of mass of MNIST's 70,000 images: (14.0, 14.0), where the centre of the first pixel is (0, 0). */
const CENTRE = 14;
/** Half the width of the pen, in pixels: so that digits have as much ink as MNIST's, 102 on average. */
const PEN = 1.35;
/** From full ink to none. */
const EDGE = 1;
/** The pen's way is this long at most along either side of the box; the rest is its width. */
const REACH = BOX - 2 * PEN - EDGE;
/** A dot is not made a digit: of a drawing smaller than this, in the unit of its points, nothing is enlarged. */
const LEAST_SIZE = 1e-6;

/** @returns [28, 28] ink from 0 to 1, row by row; undefined where nothing was drawn */
export function digitImage(strokes: readonly Stroke[]): Float32Array | undefined {
  const points = strokes.flat();
  if (points.length === 0) return undefined;
  const box = boundsOf(points);
  const size = Math.max(box.right - box.left, box.bottom - box.top);
  const scale = size < LEAST_SIZE ? 0 : REACH / size;
  const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  const boxed = strokes.map((stroke) =>
    stroke.map(({ x, y }) => ({ x: CENTRE + (x - middle.x) * scale, y: CENTRE + (y - middle.y) * scale })),
  );
  const mass = centreOfMass(drawn(boxed));
  return drawn(
    boxed.map((stroke) => stroke.map(({ x, y }) => ({ x: x + CENTRE - mass.x, y: y + CENTRE - mass.y }))),
  );
}

function boundsOf(points: readonly Point[]): { left: number; right: number; top: number; bottom: number } {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/** [28, 28]: each pixel by its distance from the nearest stroke. */
function drawn(strokes: readonly Stroke[]): Float32Array {
  const image = new Float32Array(IMAGE_SIZE * IMAGE_SIZE);
  for (const stroke of strokes) {
    stroke.forEach((point, i) => drawSegment(image, stroke[Math.max(0, i - 1)], point));
  }
  return image;
}

function drawSegment(image: Float32Array, from: Point, to: Point): void {
  const reach = PEN + EDGE / 2;
  const first = (a: number, b: number): number => Math.max(0, Math.ceil(Math.min(a, b) - reach));
  const last = (a: number, b: number): number => Math.min(IMAGE_SIZE - 1, Math.floor(Math.max(a, b) + reach));
  for (let y = first(from.y, to.y); y <= last(from.y, to.y); y++) {
    for (let x = first(from.x, to.x); x <= last(from.x, to.x); x++) {
      const ink = Math.min(1, (reach - distance({ x, y }, from, to)) / EDGE);
      const at = y * IMAGE_SIZE + x;
      if (ink > image[at]) image[at] = ink;
    }
  }
}

function distance(point: Point, from: Point, to: Point): number {
  const along = { x: to.x - from.x, y: to.y - from.y };
  const length = along.x * along.x + along.y * along.y;
  const dot = (point.x - from.x) * along.x + (point.y - from.y) * along.y;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, dot / length));
  return Math.hypot(point.x - from.x - share * along.x, point.y - from.y - share * along.y);
}

/** In pixels, where the centre of the first one is (0, 0). */
export function centreOfMass(image: Float32Array): Point {
  let mass = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < image.length; i++) {
    mass += image[i];
    x += image[i] * (i % IMAGE_SIZE);
    y += image[i] * Math.floor(i / IMAGE_SIZE);
  }
  return mass === 0 ? { x: CENTRE, y: CENTRE } : { x: x / mass, y: y / mass };
}
