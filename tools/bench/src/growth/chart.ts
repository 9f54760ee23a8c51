/** Time and memory over the number of weights, both axes logarithmic: a line of slope 1 is linear growth. Pure text. */
import { GROWTH_STAGES, type GrowthPoint, type GrowthResults, type GrowthStage } from './results';

const PANEL = { width: 400, height: 300, top: 50, gap: 90, left: 70 } as const;
const LEGEND_WIDTH = 130;
/** Colour-blind safe (Okabe & Ito). */
const COLOURS: Readonly<Record<GrowthStage, string>> = {
  transfer: '#56b4e9',
  prune: '#0072b2',
  share: '#d55e00',
  encode: '#009e73',
  decode: '#cc79a7',
};

interface Panel {
  readonly title: string;
  readonly left: number;
  readonly value: (point: GrowthPoint) => number;
  readonly label: (value: number) => string;
}

export function growthChart({ stages }: Pick<GrowthResults, 'stages'>): string {
  const second = PANEL.left + PANEL.width + PANEL.gap;
  const width = second + PANEL.width + LEGEND_WIDTH;
  const height = PANEL.top + PANEL.height + 60;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...panel(stages, {
      title: 'CPU seconds',
      left: PANEL.left,
      value: ({ cpuSeconds }) => cpuSeconds,
      label: (seconds) => `${seconds} s`,
    }),
    ...panel(stages, {
      title: 'memory beside the idle process',
      left: second,
      value: ({ memoryBytes }) => memoryBytes / 1e6,
      label: (megabytes) => `${megabytes} MB`,
    }),
    ...legend(second + PANEL.width + 16),
    '</svg>',
    '',
  ].join('\n');
}

function panel(stages: GrowthResults['stages'], { title, left, value, label }: Panel): string[] {
  const all = Object.values(stages).flat();
  const sizes = decades(all.map(({ weights }) => weights));
  const values = decades(all.map(value).filter((each) => each > 0));
  const bottom = PANEL.top + PANEL.height;
  const x = (weights: number): string => place(weights, sizes, left, left + PANEL.width);
  const y = (each: number): string => place(each, values, bottom, PANEL.top);
  const grid = [
    ...sizes.map(
      (size) =>
        `<text x="${x(size)}" y="${bottom + 20}" text-anchor="middle">10<tspan dy="-5" font-size="10">${Math.log10(size)}</tspan></text>`,
    ),
    ...values.flatMap((tick) => [
      `<line x1="${left}" y1="${y(tick)}" x2="${left + PANEL.width}" y2="${y(tick)}" stroke="#ddd"/>`,
      `<text x="${left - 8}" y="${y(tick)}" text-anchor="end" dy="4">${label(tick)}</text>`,
    ]),
  ];
  // What is too small to be told from 0 has no place on a logarithmic axis.
  const curves = GROWTH_STAGES.flatMap((stage) => {
    const shown = stages[stage].filter((point) => value(point) > 0);
    const points = shown.map((point) => `${x(point.weights)},${y(value(point))}`);
    return [
      `<polyline points="${points.join(' ')}" fill="none" stroke="${COLOURS[stage]}" stroke-width="2"/>`,
      ...shown.map(
        (point) =>
          `<circle cx="${x(point.weights)}" cy="${y(value(point))}" r="3" fill="${COLOURS[stage]}"/>`,
      ),
    ];
  });
  // From the lowest left corner on: as many times more as there are weights more.
  const steps = Math.min(sizes.length, values.length) - 1;
  const linear = `<line x1="${x(sizes[0])}" y1="${y(values[0])}" x2="${x(sizes[steps])}" y2="${y(values[steps])}" stroke="#999" stroke-dasharray="4 4"/>`;
  const middle = left + PANEL.width / 2;
  return [
    `<text x="${middle}" y="${PANEL.top - 18}" text-anchor="middle" font-size="16">${title}</text>`,
    ...grid,
    linear,
    ...curves,
    `<text x="${middle}" y="${bottom + 44}" text-anchor="middle">weights</text>`,
  ];
}

function legend(left: number): string[] {
  const entries = [
    ...GROWTH_STAGES.map((stage) => [stage, COLOURS[stage]] as const),
    ['linear', '#999'] as const,
  ];
  return entries.flatMap(([name, colour], i) => {
    const at = PANEL.top + 10 + i * 20;
    const dash = name === 'linear' ? ' stroke-dasharray="4 4"' : '';
    return [
      `<line x1="${left}" y1="${at}" x2="${left + 24}" y2="${at}" stroke="${colour}" stroke-width="2"${dash}/>`,
      `<text x="${left + 32}" y="${at}" dy="4">${name}</text>`,
    ];
  });
}

/** Powers of ten from the one at or below the least to the one at or above the most. */
function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`));
}

function place(value: number, ticks: readonly number[], from: number, to: number): string {
  const [low, high] = [Math.log10(ticks[0]), Math.log10(ticks[ticks.length - 1])];
  return (from + ((Math.log10(value) - low) / (high - low)) * (to - from)).toFixed(1);
}
