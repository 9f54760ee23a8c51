/**
 * The host's selection in its plainest form: what scores above the `count`-th highest score stays, and of those that are equal
 * to it, the first. Scores that cannot be ordered (NaN) or are not whole give another number than was asked for.
 */
export function keepHighest(scores: ArrayLike<number>, count: number): number[] {
  if (count === 0) return [];
  const threshold = Array.from(scores).sort((a, b) => b - a)[count - 1];
  const indices = Array.from(scores, (_, i) => i);
  let ties = count - indices.filter((i) => scores[i] > threshold).length;
  return indices.filter((i) => scores[i] > threshold || (scores[i] === threshold && ties-- > 0));
}
