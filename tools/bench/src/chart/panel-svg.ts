/** One diagram of a picture: axes, curves, marks with labels. Pure text. */
import { placeOn, type Axis } from './axis';
import { labelPlaces, type Labelled, type LabelPlace } from './label-places';
import { escaped, px, type Colour } from './theme';

export interface Curve {
  readonly colour: Colour;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
  readonly width?: number;
  /** A dot at every point. */
  readonly dots?: boolean;
}

export interface Mark {
  readonly x: number;
  /** Without one, a line from the bottom to the top: only x is known. */
  readonly y?: number;
  readonly colour: Colour;
  readonly shape: 'circle' | 'diamond';
  /** Those without are placed around by those with one. */
  readonly label?: string;
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
  readonly marks?: readonly Mark[];
}

/** The rectangle between the axes. */
export interface PlotArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const MARK_PX = 5;
const DIAMOND_PX = 6;
const DOT_PX = 3;
/** How far below the top the label of a line from bottom to top stands. */
const LINE_LABEL_PX = 10;

/** @param area what stands outside: title above, labels of ticks left and below, the x axis's name below these */
export function panelSvg({ title, x, y, curves, marks = [] }: Panel, area: PlotArea): string[] {
  const right = area.left + area.width;
  const bottom = area.top + area.height;
  const atX = (value: number): number => area.left + placeOn(x, value) * area.width;
  const atY = (value: number): number => bottom - placeOn(y, value) * area.height;
  const twoLines = x.ticks.some(({ below }) => below !== undefined);
  const points = marks.map((mark): Labelled => {
    const y = mark.y === undefined ? area.top + LINE_LABEL_PX : atY(mark.y);
    return { x: atX(mark.x), y, label: mark.label };
  });
  const labels = labelPlaces(points, { left: area.left, right, top: area.top, bottom });
  return [
    `<text x="${px(area.left)}" y="${px(area.top - 14)}" font-size="13" font-weight="bold">${escaped(title)}</text>`,
    ...y.ticks.flatMap(({ at, text }) => [
      `<path d="M${px(area.left)} ${px(atY(at))}H${px(right)}" class="grid"/>`,
      `<text x="${px(area.left - 7)}" y="${px(atY(at) + 4)}" text-anchor="end" class="soft">${escaped(text)}</text>`,
    ]),
    ...x.ticks.flatMap(({ at, text, below }) => [
      `<path d="M${px(atX(at))} ${px(bottom)}V${px(area.top)}" class="grid"/>`,
      `<text x="${px(atX(at))}" y="${px(bottom + 16)}" text-anchor="middle" class="soft">${escaped(text)}</text>`,
      ...(below === undefined
        ? []
        : [
            `<text x="${px(atX(at))}" y="${px(bottom + 30)}" text-anchor="middle" font-size="10" class="soft">${escaped(below)}</text>`,
          ]),
    ]),
    `<text x="${px(area.left + area.width / 2)}" y="${px(bottom + (twoLines ? 49 : 36))}" text-anchor="middle" class="soft">${escaped(x.label)}</text>`,
    ...curves.flatMap((curve) => curveSvg(curve, atX, atY)),
    ...marks.map((mark, i) => markSvg(mark, points[i], { top: area.top, bottom })),
    ...labels.flatMap((place, i) => (place ? [labelSvg(place, marks[i].label ?? '')] : [])),
  ];
}

type Place = (value: number) => number;

function curveSvg({ colour, points, dashed, width = 2, dots }: Curve, atX: Place, atY: Place): string[] {
  const at = points.map(([x, y]) => `${px(atX(x))} ${px(atY(y))}`);
  const dash = dashed ? ' stroke-dasharray="5 4"' : '';
  return [
    ...(at.length < 2
      ? []
      : [`<path d="M${at.join('L')}" class="${colour}-line" stroke-width="${width}"${dash}/>`]),
    ...(dots
      ? points.map(
          ([x, y]) => `<circle cx="${px(atX(x))}" cy="${px(atY(y))}" r="${DOT_PX}" class="${colour}"/>`,
        )
      : []),
  ];
}

function markSvg({ y, colour, shape }: Mark, at: Labelled, ends: { top: number; bottom: number }): string {
  const [cx, cy] = [px(at.x), px(at.y)];
  if (y === undefined) {
    return `<path d="M${cx} ${px(ends.bottom)}V${px(ends.top)}" class="${colour}-line" stroke-width="1.5" stroke-dasharray="2 3"/>`;
  }
  if (shape === 'circle') return `<circle cx="${cx}" cy="${cy}" r="${MARK_PX}" class="${colour} mark"/>`;
  return `<path d="M${cx} ${px(at.y - DIAMOND_PX)}l6 6l-6 6l-6 -6z" class="${colour} mark"/>`;
}

function labelSvg({ x, y, anchor }: LabelPlace, label: string): string {
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}" font-size="11" class="label">${escaped(label)}</text>`;
}
