/** The curves of rate and distortion as a picture: two panels a network, squared error and, where there is one, test error. */
import type { RatePoint } from './front';
import type { CoderNetworkResults, CoderResults } from './results';

const PANEL = { width: 360, height: 240, left: 52, right: 14, top: 30, bottom: 40 } as const;
const MOST_BITS = 11;
const LEAST_DB = -45;
/** Readable on white and on black. */
const COLOURS = { espalier: '#1a7f5a', nncodec: '#c2571a', ink: '#777777', grid: '#99999944' } as const;
/** Twice the error of the pruned network, and ten points at least, is as far as test errors are of interest. */
const ERROR_ROOM = 0.1;

interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  show(value: number): string;
}

interface Panel {
  readonly title: string;
  readonly y: Axis;
  readonly curves: readonly {
    readonly colour: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

const BITS: Axis = {
  label: 'bits a kept weight, positions and values',
  from: 0,
  to: MOST_BITS,
  ticks: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  show: String,
};

export function curvesSvg({ networks, circumstances }: CoderResults): string {
  const rows = networks.flatMap((item) => {
    const panels = panelsOf(item);
    return panels.length === 0 ? [] : [panels];
  });
  const width = 2 * PANEL.width;
  const height = rows.length * PANEL.height + 24;
  const body = rows.flatMap((panels, row) =>
    panels.map((panel, column) => drawn(panel, column * PANEL.width, row * PANEL.height)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="${COLOURS.ink}">`,
    ...body,
    `<text x="${PANEL.left}" y="${height - 8}"><tspan fill="${COLOURS.espalier}">Espalier</tspan> and <tspan fill="${COLOURS.nncodec}">NNCodec 2.1.3</tspan>; ${escaped(circumstances.command)}, ${circumstances.date}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function panelsOf({ name, rateDistortion, lossless }: CoderNetworkResults): Panel[] {
  if (!rateDistortion) return [];
  const { espalier, nncodec, part } = rateDistortion;
  const title = part === undefined ? name : `${name}, ${part}`;
  const both = (of: (point: RatePoint) => number | undefined): Panel['curves'] =>
    [
      { colour: COLOURS.nncodec, points: nncodec },
      { colour: COLOURS.espalier, points: espalier },
    ].map(({ colour, points }) => ({
      colour,
      points: points.flatMap((point) => {
        const value = of(point);
        return value === undefined ? [] : [[point.bits, value] as const];
      }),
    }));
  const panels: Panel[] = [{ title, y: DECIBELS, curves: both(({ dB }) => dB) }];
  const pruned = lossless.find(({ seed }) => seed === rateDistortion.seed)?.testError;
  if (pruned !== undefined) panels.push({ title, y: errorAxis(pruned), curves: both(({ error }) => error) });
  return panels;
}

const DECIBELS: Axis = {
  label: 'squared error, dB',
  from: LEAST_DB,
  to: 0,
  ticks: [-40, -30, -20, -10, 0],
  show: String,
};

function errorAxis(pruned: number): Axis {
  const to = Math.max(ERROR_ROOM, 2 * pruned);
  return {
    label: 'test error, %',
    from: 0,
    to,
    ticks: [0, to / 4, to / 2, (3 * to) / 4, to],
    show: (value) => (100 * value).toFixed(1),
  };
}

function drawn({ title, y, curves }: Panel, left: number, top: number): string {
  const x0 = left + PANEL.left;
  const x1 = left + PANEL.width - PANEL.right;
  const y0 = top + PANEL.height - PANEL.bottom;
  const y1 = top + PANEL.top;
  const px = (bits: number): number => x0 + ((bits - BITS.from) / (BITS.to - BITS.from)) * (x1 - x0);
  const py = (value: number): number => y0 - ((value - y.from) / (y.to - y.from)) * (y0 - y1);
  const lines = [
    ...BITS.ticks.map(
      (tick) =>
        `<path d="M${round(px(tick))} ${y0}V${y1}" stroke="${COLOURS.grid}"/><text x="${round(px(tick))}" y="${y0 + 14}" text-anchor="middle">${BITS.show(tick)}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<path d="M${x0} ${round(py(tick))}H${x1}" stroke="${COLOURS.grid}"/><text x="${x0 - 6}" y="${round(py(tick) + 4)}" text-anchor="end">${y.show(tick)}</text>`,
    ),
    `<text x="${x0}" y="${y1 - 10}" font-weight="bold">${escaped(title)}: ${y.label}</text>`,
    `<text x="${(x0 + x1) / 2}" y="${y0 + 30}" text-anchor="middle">${BITS.label}</text>`,
    ...curves.map(({ colour, points }) => {
      const shown = points.filter(([bits, value]) => bits <= BITS.to && value >= y.from && value <= y.to);
      const path = shown.map(([bits, value]) => `${round(px(bits))} ${round(py(value))}`).join('L');
      return shown.length < 2 ? '' : `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
    }),
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
