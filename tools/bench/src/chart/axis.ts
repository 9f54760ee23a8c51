/** Axes: where a value stands between the ends, and round numbers on the way. */

export interface Tick {
  readonly at: number;
  readonly text: string;
  /** A second line below the first. */
  readonly below?: string;
}

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly Tick[];
}

/** 0 at `from`, 1 at `to`; on a logarithmic axis by the ratio. */
export function placeOn({ scale, from, to }: Pick<Axis, 'scale' | 'from' | 'to'>, value: number): number {
  if (scale === 'linear') return (value - from) / (to - from);
  return Math.log(value / from) / Math.log(to / from);
}

/** Powers of ten from the one at or below the least to the one at or above the most; two at least. */
export function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`));
}

/** 1, 2 and 5 times the powers of ten, from the last that is below all values to the first that is above. */
export function onesTwosFives(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const all = decades([least / 10, most * 10]).flatMap((power) => [1, 2, 5].map((digit) => digit * power));
  const first = all.findLastIndex((tick) => tick < least);
  const last = all.findIndex((tick) => tick > most);
  return all.slice(first, last + 1);
}

/** Multiples of a round step, from the last that no value is below to the first that none is above; some `count` of them. */
export function evenSteps(values: readonly number[], count: number): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const rough = (most - least) / count || most / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((digit) => digit * power >= rough * 0.999) ?? 10) * power;
  const first = Math.floor(least / step + 1e-9);
  const last = Math.ceil(most / step - 1e-9);
  // Multiples, not sums: 0.1 added up is not 0.3.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
