/** Mean, least and greatest of a measurement over seeds. */
export interface Summary {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** @param values at least one */
export function summarise(values: readonly number[]): Summary {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, min: Math.min(...values), max: Math.max(...values) };
}
