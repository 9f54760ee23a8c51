/** Curves as an SVG: one line a series, axes in percent. Pure text, no library. */

export interface Series {
  readonly name: string;
  readonly dashed?: boolean;
  /** Index of the colour; curves of one layer share it. */
  readonly colour: number;
  /** [x, y], both shares from 0 to 1. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ChartText {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

const WIDTH = 860;
const HEIGHT = 480;
const PLOT = { left: 70, top: 40, right: 640, bottom: 420 } as const;
/** Colour-blind safe (Okabe & Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const;
const TICKS = 5;

export function chartSvg(series: readonly Series[], text: ChartText): string {
  const top = niceTop(Math.max(0.01, ...series.flatMap(({ points }) => points.map(([, y]) => y))));
  const x = (share: number): string => (PLOT.left + share * (PLOT.right - PLOT.left)).toFixed(1);
  const y = (share: number): string => (PLOT.bottom - (share / top) * (PLOT.bottom - PLOT.top)).toFixed(1);
  const ticks = Array.from({ length: TICKS + 1 }, (_, i) => i / TICKS);
  const grid = ticks.flatMap((tick) => [
    `<line x1="${PLOT.left}" y1="${y(tick * top)}" x2="${PLOT.right}" y2="${y(tick * top)}" stroke="#ddd"/>`,
    `<text x="${PLOT.left - 8}" y="${y(tick * top)}" text-anchor="end" dy="4">${label(tick * top)}</text>`,
    `<text x="${x(tick)}" y="${PLOT.bottom + 20}" text-anchor="middle">${label(tick)}</text>`,
  ]);
  const curves = series.flatMap(({ points, colour, dashed }) => {
    const path = points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ');
    const dash = dashed ? ' stroke-dasharray="6 4"' : '';
    return [`<polyline points="${path}" fill="none" stroke="${colourOf(colour)}" stroke-width="2"${dash}/>`];
  });
  const legend = series.flatMap(({ name, colour, dashed }, i) => {
    const at = PLOT.top + 10 + i * 20;
    const dash = dashed ? ' stroke-dasharray="6 4"' : '';
    return [
      `<line x1="${PLOT.right + 20}" y1="${at}" x2="${PLOT.right + 50}" y2="${at}" stroke="${colourOf(colour)}" stroke-width="2"${dash}/>`,
      `<text x="${PLOT.right + 58}" y="${at}" dy="4">${escape(name)}</text>`,
    ];
  });
  const height = Math.max(HEIGHT, PLOT.top + 30 + series.length * 20);
  const middle = (PLOT.left + PLOT.right) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${middle}" y="22" text-anchor="middle" font-size="16">${escape(text.title)}</text>`,
    ...grid,
    `<text x="${middle}" y="${PLOT.bottom + 44}" text-anchor="middle">${escape(text.x)}</text>`,
    `<text transform="translate(18 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(text.y)}</text>`,
    ...curves,
    ...legend,
    '</svg>',
    '',
  ].join('\n');
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length];
}

/** The next of 1, 2, 5 x 10^n: round numbers at the axis. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value * 0.999) ?? 10;
  return Math.min(1, step * power);
}

function label(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
