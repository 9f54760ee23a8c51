/** The run that a name means: the whole id, `last`, or a beginning or end that fits only one. Pure. */
export function matchingRun(name: string, ids: readonly string[]): string | undefined {
  if (name === 'last') return ids.at(-1);
  if (ids.includes(name)) return name;
  if (name === '') return undefined;
  const fitting = ids.filter((id) => id.startsWith(name) || id.endsWith(name));
  return fitting.length === 1 ? fitting[0] : undefined;
}
