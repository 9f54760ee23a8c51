/** For people who wait: how long, and how much longer. */

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** After `done` pieces of work out of `total` in `seconds`, if the rest takes as long. */
export function timeLeft(done: number, total: number, seconds: number): string {
  return done === 0 || done === total ? '' : `, about ${duration((seconds / done) * (total - done))} left`;
}
