/** Where labels of marks stand so that they lie neither on each other nor on marks, as far as there is room. */

/** As seen from the mark. */
export type Side = 'left' | 'right' | 'above' | 'below';

export interface Labelled {
  readonly x: number;
  readonly y: number;
  /** Without one, it is a mark that labels should not cover. */
  readonly label?: string;
}

export interface LabelPlace {
  readonly x: number;
  /** Of the base line. */
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Of a font of 11 pixels. */
const LETTER_PX = 6;
const ASCENT_PX = 9;
const MARK_PX = 6;
const SIDES: readonly Side[] = ['right', 'left', 'above', 'below'];
const OFFSETS = {
  right: { x: 10, y: 4, anchor: 'start' },
  left: { x: -10, y: 4, anchor: 'end' },
  above: { x: 0, y: -10, anchor: 'middle' },
  below: { x: 0, y: 19, anchor: 'middle' },
} as const;

/**
 * Labels are placed in their order, each at the first side where it covers nothing, else at the one where it covers
 * least.
 * @param area in which labels stay
 */
export function labelPlaces(marks: readonly Labelled[], area: Box): (LabelPlace | undefined)[] {
  const taken = marks.map(({ x, y }): Box => {
    return { left: x - MARK_PX, right: x + MARK_PX, top: y - MARK_PX, bottom: y + MARK_PX };
  });
  return marks.map(({ x, y, label }) => {
    if (label === undefined) return undefined;
    const choices = SIDES.map((side) => {
      const { x: dx, y: dy, anchor } = OFFSETS[side];
      const place: LabelPlace = { x: x + dx, y: y + dy, anchor };
      const box = boxOf(place, label);
      const outside = areaOf(box) - common(box, area);
      return { place, box, covered: outside + taken.reduce((sum, other) => sum + common(box, other), 0) };
    });
    const best = choices.reduce((least, next) => (next.covered < least.covered ? next : least));
    taken.push(best.box);
    return best.place;
  });
}

function boxOf({ x, y, anchor }: LabelPlace, label: string): Box {
  const width = LETTER_PX * label.length;
  const left = x - { start: 0, middle: width / 2, end: width }[anchor];
  return { left, right: left + width, top: y - ASCENT_PX, bottom: y + 2 };
}

function areaOf({ left, right, top, bottom }: Box): number {
  return (right - left) * (bottom - top);
}

/** Square pixels that both have. */
function common(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}
