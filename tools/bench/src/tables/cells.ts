/** How figures look in a table. */
import type { Summary } from '../summary';

export function percent(share: number, digits = 2): string {
  return `${(share * 100).toFixed(digits)} %`;
}

export function integer(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function times(ratio: number): string {
  return `${ratio.toFixed(1)}x`;
}

/** `1.55 % (1.50 to 1.61)`; one seed gives the value alone. */
export function spread({ mean, min, max }: Summary, format: (value: number) => string): string {
  if (min === max) return format(mean);
  const bare = (value: number): string => format(value).replace(' %', '').replace(/x$/, '');
  return `${format(mean)} (${bare(min)} to ${bare(max)})`;
}
