/** In which states of a run a person's wish makes sense. Pure. */
import { STEERING_WISHES, type SteeringWishName } from '@espalier/protocol';
import { coordinatorError } from './errors';
import type { RunState, RunStatus } from './fold-run';

const WISHES = {
  paused: { from: ['queued', 'running'], hint: 'only a run that is queued or running can be' },
  resumed: {
    from: ['paused', 'stopped', 'failed'],
    hint: 'only one that is paused, stopped or failed can be; "undo" goes back in one that is done',
  },
  stopped: { from: ['queued', 'running', 'paused', 'failed'], hint: 'it has ended already' },
  swapped: { from: ['queued', 'running', 'paused', 'stopped', 'failed'], hint: 'all of its rounds are done' },
  undone: { from: ['running', 'paused', 'stopped', 'done', 'failed'], hint: 'it has no finished stage yet' },
} as const satisfies Record<string, { from: readonly RunStatus[]; hint: string }>;

export type SteeringWish = keyof typeof WISHES;

/** @throws COORDINATOR_RUN_STATE when the run is not in a state for it */
export function requireSteerable(
  { id: run, status }: Pick<RunState, 'id' | 'status'>,
  wish: SteeringWish,
): void {
  const { from, hint } = WISHES[wish];
  if ((from as readonly RunStatus[]).includes(status)) return;
  throw coordinatorError('COORDINATOR_RUN_STATE', { run, status, wish, hint });
}

const VERBS = {
  pause: 'paused',
  resume: 'resumed',
  stop: 'stopped',
  undo: 'undone',
  swap: 'swapped',
} as const satisfies Record<SteeringWishName, SteeringWish>;

/** What a run in this state may be told. */
export function possibleWishes({ status }: Pick<RunState, 'status'>): readonly SteeringWishName[] {
  return STEERING_WISHES.filter((verb) =>
    (WISHES[VERBS[verb]].from as readonly RunStatus[]).includes(status),
  );
}

/** Does the run want anything of the services? */
export function isOpen({ status }: Pick<RunState, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}
