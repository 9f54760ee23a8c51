/** Ten digits as somebody might write them, in a square of side 1: for readers without a pen, and for tests. */
import type { Point, Stroke } from './digit-image';

/** Points of an arc; degrees from three o'clock, clockwise as y goes down. */
function arc(centre: readonly [number, number], radii: readonly [number, number], from: number, to: number) {
  const steps = Math.max(2, Math.ceil(Math.abs(to - from) / 15));
  return Array.from({ length: steps + 1 }, (_, i): Point => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return { x: centre[0] + radii[0] * Math.cos(angle), y: centre[1] + radii[1] * Math.sin(angle) };
  });
}

function line(...points: readonly (readonly [number, number])[]): Stroke {
  return points.map(([x, y]) => ({ x, y }));
}

export const EXAMPLE_DIGITS: readonly (readonly Stroke[])[] = [
  [arc([0.5, 0.5], [0.27, 0.38], -80, 285)],
  [line([0.56, 0.12], [0.53, 0.35], [0.5, 0.6], [0.46, 0.88])],
  [
    [
      ...arc([0.5, 0.33], [0.24, 0.21], -160, 30),
      ...line([0.6, 0.55], [0.45, 0.7], [0.27, 0.85], [0.5, 0.84], [0.78, 0.84]),
    ],
  ],
  [[...arc([0.47, 0.31], [0.22, 0.19], -150, 75), ...arc([0.46, 0.68], [0.26, 0.2], -75, 150)]],
  [
    line([0.36, 0.12], [0.3, 0.35], [0.27, 0.53], [0.5, 0.52], [0.72, 0.49]),
    line([0.68, 0.14], [0.65, 0.5], [0.62, 0.88]),
  ],
  [
    [...line([0.36, 0.14], [0.33, 0.3], [0.31, 0.45]), ...arc([0.46, 0.64], [0.25, 0.22], -110, 140)],
    line([0.36, 0.14], [0.55, 0.14], [0.74, 0.12]),
  ],
  [[...line([0.62, 0.1], [0.46, 0.26], [0.34, 0.48]), ...arc([0.5, 0.67], [0.2, 0.2], -190, 175)]],
  [line([0.24, 0.17], [0.5, 0.16], [0.76, 0.14], [0.64, 0.4], [0.53, 0.64], [0.44, 0.88])],
  [
    [
      ...arc([0.5, 0.3], [0.18, 0.17], 60, -230),
      ...arc([0.49, 0.66], [0.22, 0.2], -60, 240),
      ...line([0.6, 0.46]),
    ],
  ],
  [[...arc([0.48, 0.33], [0.2, 0.2], -10, -350), ...line([0.68, 0.36], [0.66, 0.6], [0.6, 0.88])]],
];
