/** Time and memory over the number of weights, both axes logarithmic: a line of slope 1 is linear growth. */
import { decades, type Axis } from '../chart/axis';
import { legendSvg } from '../chart/legend-svg';
import { panelSvg, type Curve, type PlotArea } from '../chart/panel-svg';
import { pictureSvg, type Colour } from '../chart/theme';
import { GROWTH_STAGES, type GrowthPoint, type GrowthResults, type GrowthStage } from './results';

const PLOT = { width: 360, height: 270, top: 44, gap: 84, left: 66 } as const;
const LEGEND_WIDTH = 116;
const COLOURS: Readonly<Record<GrowthStage, Colour>> = {
  transfer: 'sky',
  prune: 'blue',
  share: 'vermilion',
  encode: 'green',
  decode: 'purple',
};

interface Quantity {
  readonly title: string;
  readonly value: (point: GrowthPoint) => number;
  readonly text: (value: number) => string;
}

const QUANTITIES: readonly Quantity[] = [
  { title: 'CPU seconds', value: ({ cpuSeconds }) => cpuSeconds, text: (seconds) => `${seconds} s` },
  {
    title: 'Memory beside the idle process',
    value: ({ memoryBytes }) => memoryBytes / 1e6,
    text: (megabytes) => `${megabytes} MB`,
  },
];

export function growthChart({ stages }: Pick<GrowthResults, 'stages'>): string {
  const areas = QUANTITIES.map((_, i): PlotArea => {
    return { ...PLOT, left: PLOT.left + i * (PLOT.width + PLOT.gap) };
  });
  const right = areas[areas.length - 1].left + PLOT.width;
  const entries = GROWTH_STAGES.map((stage) => ({ name: stage, colour: COLOURS[stage] }));
  return pictureSvg({ width: right + LEGEND_WIDTH, height: PLOT.top + PLOT.height + 52 }, [
    ...QUANTITIES.flatMap((quantity, i) => panel(stages, quantity, areas[i])),
    ...legendSvg([...entries, { name: 'linear', colour: 'grey', dashed: true }], [right + 16, PLOT.top + 10]),
  ]);
}

function panel(stages: GrowthResults['stages'], { title, value, text }: Quantity, area: PlotArea): string[] {
  const all = Object.values(stages).flat();
  const sizes = decades(all.map(({ weights }) => weights));
  // What is too small to be told from 0 has no place on a logarithmic axis.
  const values = decades(all.map(value).filter((each) => each > 0));
  const axis = (label: string, ticks: readonly number[], show: (tick: number) => string): Axis => ({
    label,
    scale: 'log',
    from: ticks[0],
    to: ticks[ticks.length - 1],
    ticks: ticks.map((at) => ({ at, text: show(at) })),
  });
  // From the lowest left corner on: as many times more as there are weights more.
  const steps = Math.min(sizes.length, values.length) - 1;
  const linear: Curve = {
    colour: 'grey',
    dashed: true,
    width: 1,
    points: [
      [sizes[0], values[0]],
      [sizes[steps], values[steps]],
    ],
  };
  const curves = GROWTH_STAGES.map((stage): Curve => {
    const points = stages[stage].map((point) => [point.weights, value(point)] as const);
    return { colour: COLOURS[stage], dots: true, points: points.filter(([, y]) => y > 0) };
  });
  const x = axis('weights, millions', sizes, (size) => String(size / 1e6));
  return panelSvg({ title, x, y: axis('', values, text), curves: [linear, ...curves] }, area);
}
