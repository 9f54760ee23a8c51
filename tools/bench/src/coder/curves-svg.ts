/** The curves of rate and distortion as a picture: two panels a network, squared error and, where there is one, test error. */
import { evenSteps, type Axis } from '../chart/axis';
import { panelSvg, type Curve, type Panel } from '../chart/panel-svg';
import { escaped, pictureSvg, px } from '../chart/theme';
import type { RatePoint } from './front';
import type { CoderNetworkResults, CoderResults } from './results';

const PANEL = { width: 410, height: 280, left: 52, right: 14, top: 38, bottom: 60 } as const;
const MOST_BITS = 11;
const LEAST_DB = -45;
/** Twice the error of the pruned network, and ten points at least, is as far as test errors are of interest. */
const ERROR_ROOM = 0.1;

const BITS: Axis = {
  label: 'bits a kept weight, positions and values',
  scale: 'linear',
  from: 0,
  to: MOST_BITS,
  ticks: evenSteps([0, MOST_BITS], MOST_BITS).map((at) => ({ at, text: String(at) })),
};

const DECIBELS: Axis = {
  label: 'squared error, dB',
  scale: 'linear',
  from: LEAST_DB,
  to: 0,
  ticks: [-40, -30, -20, -10, 0].map((at) => ({ at, text: String(at) })),
};

export function curvesSvg({ networks, circumstances }: CoderResults): string {
  const rows = networks.map(panelsOf).filter((panels) => panels.length > 0);
  const height = rows.length * PANEL.height + 24;
  const body = rows.flatMap((panels, row) =>
    panels.flatMap((panel, column) =>
      panelSvg(panel, {
        left: column * PANEL.width + PANEL.left,
        top: row * PANEL.height + PANEL.top,
        width: PANEL.width - PANEL.left - PANEL.right,
        height: PANEL.height - PANEL.top - PANEL.bottom,
      }),
    ),
  );
  const what = `<tspan class="blue">Espalier</tspan> and <tspan class="vermilion">NNCodec 2.1.3</tspan>`;
  const how = escaped(`${circumstances.command}, ${circumstances.date}`);
  return pictureSvg({ width: 2 * PANEL.width, height }, [
    ...body,
    `<text x="${px(PANEL.left)}" y="${height - 8}">${what}; ${how}</text>`,
  ]);
}

function panelsOf({ name, rateDistortion, lossless }: CoderNetworkResults): Panel[] {
  if (!rateDistortion) return [];
  const { espalier, nncodec, part } = rateDistortion;
  const title = part === undefined ? name : `${name}, ${part}`;
  const panel = (y: Axis, of: (point: RatePoint) => number | undefined): Panel => {
    const curve = (colour: Curve['colour'], points: readonly RatePoint[]): Curve => ({
      colour,
      width: 1.5,
      points: points.flatMap((point) => {
        const value = of(point);
        const shown = value !== undefined && point.bits <= BITS.to && value >= y.from && value <= y.to;
        return shown ? [[point.bits, value] as const] : [];
      }),
    });
    const curves = [curve('vermilion', nncodec), curve('blue', espalier)];
    return { title: `${title}: ${y.label}`, x: BITS, y, curves };
  };
  const panels = [panel(DECIBELS, ({ dB }) => dB)];
  const pruned = lossless.find(({ seed }) => seed === rateDistortion.seed)?.testError;
  if (pruned !== undefined) panels.push(panel(errorAxis(pruned), ({ error }) => error));
  return panels;
}

function errorAxis(pruned: number): Axis {
  const to = Math.max(ERROR_ROOM, 2 * pruned);
  return {
    label: 'test error, %',
    scale: 'linear',
    from: 0,
    to,
    ticks: [0, to / 4, to / 2, (3 * to) / 4, to].map((at) => ({ at, text: (100 * at).toFixed(1) })),
  };
}
