/** Error over size: for each network one panel for bytes of the file and one for weights kept, beside what others published. */
import { evenSteps, onesTwosFives, type Axis } from '../chart/axis';
import { legendSvg } from '../chart/legend-svg';
import { panelSvg, type Mark, type Panel, type PlotArea } from '../chart/panel-svg';
import { pictureSvg } from '../chart/theme';
import { PUBLISHED_POINTS, type PublishedPoint } from './published';
import { summarisePoint, type FrontierNetwork, type FrontierResults } from './results';

const PLOT = { width: 350, height: 240, left: 58, top: 72, columnGap: 62, rowGap: 112 } as const;
const RIGHT = 22;
const BOTTOM = 62;
const ERROR_STEPS = 5;
/** Marks are not to lie on the edges. */
const ERROR_MARGIN = 0.0002;

type What = PublishedPoint['what'];

const PANELS: readonly { readonly what: What; readonly title: string; readonly label: string }[] = [
  { what: 'bytes', title: 'bytes of the file', label: 'times smaller than float32' },
  { what: 'weights', title: 'weights kept', label: 'times fewer weights' },
];

export function frontierChart({ networks }: Pick<FrontierResults, 'networks'>): string {
  const width = PLOT.left + 2 * PLOT.width + PLOT.columnGap + RIGHT;
  const height = PLOT.top + networks.length * (PLOT.height + PLOT.rowGap) - PLOT.rowGap + BOTTOM;
  const panels = networks.flatMap((network, row) => {
    const y = errorAxis(network);
    return PANELS.flatMap((panel, column) => {
      const area: PlotArea = {
        left: PLOT.left + column * (PLOT.width + PLOT.columnGap),
        top: PLOT.top + row * (PLOT.height + PLOT.rowGap),
        width: PLOT.width,
        height: PLOT.height,
      };
      return panelSvg(panelOf(network, panel, y), area);
    });
  });
  return pictureSvg({ width, height }, [
    ...legendSvg(
      [{ name: 'Espalier: each point a whole run of a recipe', colour: 'blue', shape: 'circle' }],
      [PLOT.left, 20],
    ),
    ...legendSvg(
      [{ name: 'published by others', colour: 'vermilion', shape: 'diamond' }],
      [PLOT.left + PLOT.width, 20],
    ),
    ...panels,
  ]);
}

function panelOf(network: FrontierNetwork, { what, title, label }: (typeof PANELS)[number], y: Axis): Panel {
  const own = ownPoints(network, what);
  const published = publishedOf(network, what);
  const ratios = onesTwosFives([...own, ...published].map(([ratio]) => ratio));
  const dense = what === 'bytes' ? network.denseBytes : network.weights;
  const x: Axis = {
    label,
    scale: 'log',
    from: ratios[0],
    to: ratios[ratios.length - 1],
    ticks: ratios.map((at) => ({
      at,
      text: times(at),
      below: what === 'bytes' ? kilobytes(dense / at) : thousands(dense / at),
    })),
  };
  const marks = [
    ...publishedMarks(network.network, what),
    ...network.points.flatMap(({ runs }) =>
      runs.map(({ bytes, kept, error }): Mark => ({
        x: dense / (what === 'bytes' ? bytes : kept),
        y: error,
        colour: 'blue',
        shape: 'circle',
      })),
    ),
  ];
  const curve = { colour: 'blue', points: own } as const;
  return { title: `${network.title}: test error over ${title}`, x, y, curves: [curve], marks };
}

/** Means over the seeds of a point, from the largest file to the smallest. */
function ownPoints(network: FrontierNetwork, what: What): (readonly [number, number])[] {
  return network.points
    .map((point) => {
      const { error, bytesRatio, weightsRatio } = summarisePoint(network, point);
      return [(what === 'bytes' ? bytesRatio : weightsRatio).mean, error.mean] as const;
    })
    .sort(([a], [b]) => a - b);
}

function publishedOf({ network }: FrontierNetwork, what: What): (readonly [number, number | undefined])[] {
  return (PUBLISHED_POINTS[network] ?? [])
    .filter((point) => point.what === what)
    .map(({ ratio, error }) => [ratio, error] as const);
}

function publishedMarks(network: string, what: What): Mark[] {
  const points = (PUBLISHED_POINTS[network] ?? []).filter((point) => point.what === what);
  return points.map(({ method, ratio, error }): Mark => {
    const label =
      error === undefined ? `${method} ${times(ratio)}, error not given` : `${method} ${times(ratio)}`;
    return { x: ratio, y: error, colour: 'vermilion', shape: 'diamond', label };
  });
}

function errorAxis(network: FrontierNetwork): Axis {
  const own = network.points.flatMap(({ runs }) => runs.map(({ error }) => error));
  const published = (PUBLISHED_POINTS[network.network] ?? []).flatMap(({ error }) => error ?? []);
  const all = [...own, ...published];
  const ticks = evenSteps([Math.min(...all) - ERROR_MARGIN, Math.max(...all) + ERROR_MARGIN], ERROR_STEPS);
  return {
    label: 'test error',
    scale: 'linear',
    from: ticks[0],
    to: ticks[ticks.length - 1],
    ticks: ticks.map((at) => ({ at, text: `${(100 * at).toFixed(1)} %` })),
  };
}

function kilobytes(bytes: number): string {
  return `${Number((bytes / 1000).toPrecision(2))} KB`;
}

function thousands(weights: number): string {
  return weights < 1000 ? String(Math.round(weights)) : `${Number((weights / 1000).toPrecision(2))} K`;
}

function times(ratio: number): string {
  return `${ratio.toLocaleString('en-US')}x`;
}
