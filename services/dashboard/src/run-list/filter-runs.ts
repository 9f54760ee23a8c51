/** Which runs of the list are shown. Pure. */
import type { RunLine, RunStatusName } from '@espalier/protocol/view';

export type StatusFilter = 'all' | 'open' | RunStatusName;

const OPEN: readonly RunStatusName[] = ['queued', 'running', 'paused'];

/** Every word of `text` must stand in the run's name, network or id. */
export function filterRuns(
  runs: readonly RunLine[],
  { text, status }: { readonly text: string; readonly status: StatusFilter },
): readonly RunLine[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return runs.filter((run) => {
    const described = `${run.name ?? ''} ${run.network ?? ''} ${run.id}`.toLowerCase();
    const wanted =
      status === 'all' || status === run.status || (status === 'open' && OPEN.includes(run.status));
    return wanted && words.every((word) => described.includes(word));
  });
}
