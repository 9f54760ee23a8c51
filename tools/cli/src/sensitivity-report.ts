/** Sensitivity curves as table and picture, and the qualities that follow from them. Pure. */
import { layerStd, suggestQualities } from '@espalier/pruning';
import type { SensitivityResult } from '@espalier/stages';
import { chartSvg, type Series } from './output/chart-svg';
import { percent } from './output/format';
import { fields, table } from './output/table';

export interface Suggestion {
  readonly layer: string;
  readonly keep: number;
  /** The threshold in standard deviations of the layer's weights that keeps this share of the dense network. */
  readonly quality: number;
  /** What pruning this layer so far adds to the error. */
  readonly errorIncrease: number;
}

/** One row a share, two columns a layer: right after pruning, and retrained. */
export function curvesTable({ denseError, retrainSteps, curves }: SensitivityResult): string {
  const shares = curves[0]?.points.map(({ keep }) => keep) ?? [];
  const at = (curve: SensitivityResult['curves'][number], row: number) => curve.points[row];
  const body = table<number>(
    [
      { title: 'kept', align: 'right', cell: (row) => percent(shares[row]) },
      ...curves.flatMap((curve) => {
        const pruned = {
          title: layerOf(curve.name),
          align: 'right' as const,
          cell: (row: number) => percent(at(curve, row).error),
        };
        if (retrainSteps === 0) return [pruned];
        return [
          pruned,
          { ...pruned, title: 'retrained', cell: (row: number) => percent(at(curve, row).retrainedError) },
        ];
      }),
    ],
    shares.map((_, row) => row),
  );
  const retrained = retrainSteps === 0 ? 'not retrained' : `retrained for ${retrainSteps} steps`;
  return `Held-out error as one layer is pruned, the others dense (${percent(denseError)}); ${retrained}.\n\n${body}`;
}

export function curvesSvg(name: string, { denseError, retrainSteps, curves }: SensitivityResult): string {
  const series = curves.flatMap(({ name: kernel, points }, colour): Series[] => {
    const line = (error: (point: (typeof points)[number]) => number): (readonly [number, number])[] => [
      [0, denseError],
      ...points.map((point) => [1 - point.keep, error(point)] as const),
    ];
    const layer = layerOf(kernel);
    const pruned = { name: layer, colour, points: line(({ error }) => error), dashed: true };
    if (retrainSteps === 0) return [{ ...pruned, dashed: false }];
    return [
      pruned,
      { name: `${layer}, retrained`, colour, points: line(({ retrainedError }) => retrainedError) },
    ];
  });
  const text = { title: `Sensitivity of ${name}`, x: 'share of the layer removed', y: 'held-out error' };
  return chartSvg(series, text);
}

/** @param kernels the dense network's, by tensor name. @throws PRUNING_BUDGET */
export function suggest(
  { denseError, curves }: SensitivityResult,
  kernels: ReadonlyMap<string, Float32Array>,
  maxErrorIncrease: number,
): readonly Suggestion[] {
  const measured = curves.map(({ name, points }) => {
    const weights = kernels.get(name) as Float32Array;
    const sorted = Float32Array.from(weights, Math.abs).sort();
    const std = layerStd(weights);
    return {
      layer: layerOf(name),
      weights: weights.length,
      points: points.map(({ keep, retrainedError }) => ({
        keep,
        error: retrainedError,
        quality: sorted[Math.min(sorted.length - 1, Math.round((1 - keep) * sorted.length))] / std,
      })),
    };
  });
  return suggestQualities(measured, { denseError, maxErrorIncrease }).map(
    ({ layer, keep, quality = 0, errorIncrease }) => ({ layer, keep, quality, errorIncrease }),
  );
}

/** Ready to be pasted into a recipe. */
export function suggestionText(suggestions: readonly Suggestion[], maxErrorIncrease: number): string {
  const list = (value: (suggestion: Suggestion) => string): string =>
    suggestions.map((suggestion) => `${suggestion.layer}: ${value(suggestion)}`).join(', ');
  const costs = fields(
    suggestions.map(({ layer, keep, errorIncrease }) => [
      layer,
      `keep ${percent(keep)}, adds ${percent(errorIncrease)} to the error`,
    ]),
  );
  return [
    `For at most ${percent(maxErrorIncrease)} more error:`,
    costs,
    '',
    'prune:',
    `  quality: { ${list(({ quality }) => quality.toFixed(3))} }`,
    `  # or: keep: { layers: { ${list(({ keep }) => String(keep))} } }`,
  ].join('\n');
}

function layerOf(kernel: string): string {
  return kernel.replace(/\/kernel$/, '');
}
