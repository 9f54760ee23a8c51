/** The coordinator is told what a person wants of a run. What becomes of it arrives as every change does, by the live connection. */
import type { JsonValue } from '@espalier/base';
import type { CriterionChoice, LogLine } from '@espalier/protocol/view';
import { callApi, type Fetch } from '../http/api';

export type SteerRequest =
  | { readonly kind: 'pause' | 'resume' | 'stop' }
  | { readonly kind: 'undo'; readonly toRound: number }
  | {
      readonly kind: 'swap';
      readonly criterion: { readonly name: string; readonly options: { readonly [name: string]: JsonValue } };
      readonly plugins?: JsonValue;
    };

/** @throws ApiError */
export async function steerRun(run: string, request: SteerRequest, fetch?: Fetch): Promise<void> {
  const { kind, ...body } = request;
  await callApi(`/api/runs/${encodeURIComponent(run)}/${kind}`, { method: 'POST', body, fetch });
}

/** What the run's criterion may be swapped to. @throws ApiError */
export async function criteriaFor(run: string, fetch?: Fetch): Promise<readonly CriterionChoice[]> {
  const { criteria } = await callApi<{ criteria: readonly CriterionChoice[] }>(
    `/api/plugins/criteria?run=${encodeURIComponent(run)}`,
    { fetch },
  );
  return criteria;
}

const STEERED: Readonly<Record<string, string>> = {
  'run.paused': 'paused',
  'run.resumed': 'resumed',
  'run.stopped': 'stopped',
  'run.undone': 'gone back',
  'run.swapped': 'criterion changed',
};

/** The latest thing that somebody did to the run, or that was done for want of a plugin; undefined where nobody has. */
export function lastSteering(
  log: readonly LogLine[],
): { readonly what: string; readonly text: string; readonly at: number } | undefined {
  const line = log.findLast(({ type }) => type in STEERED);
  return line && { what: STEERED[line.type], text: line.text, at: line.at };
}
