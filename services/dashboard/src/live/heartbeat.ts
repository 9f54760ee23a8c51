/**
 * Is anybody there? A connection that says nothing is asked (`ping`); one that does not answer is given up. A clock that has
 * jumped means that the machine slept: then the answer must come sooner. Pure: the time is passed in, at every tick.
 */

export const HEARTBEAT = {
  tickMs: 500,
  /** Silence after which the other end is asked. */
  quietMs: 2_000,
  answerMs: 1_500,
  /** Between two ticks: the machine slept, or the page lay in the background. */
  jumpMs: 2_500,
  answerAfterJumpMs: 1_000,
} as const;

export interface Heartbeat {
  readonly tickAt: number;
  readonly heardAt: number;
  /** When an answer to the question that was asked must have come. */
  readonly deadline?: number;
  /** Only that answer counts: other messages may have lain here since before the machine slept. */
  readonly doubted?: boolean;
}

export interface Beat {
  readonly next: Heartbeat;
  readonly action: 'none' | 'ask' | 'give up';
}

export function beginHeartbeat(now: number): Heartbeat {
  return { tickAt: now, heardAt: now };
}

/** Anything from the other end is a sign of life; where the connection is doubted, the answer to the last question alone. */
export function heard(state: Heartbeat, now: number, isAnswer = false): Heartbeat {
  if (state.doubted && !isAnswer) return state;
  return { tickAt: state.tickAt, heardAt: now };
}

/** `urgent`: there is a reason to doubt, e.g. the page has just been looked at again. */
export function beat(state: Heartbeat, now: number, urgent = false): Beat {
  const tickAt = now;
  const jumped = now - state.tickAt > HEARTBEAT.jumpMs;
  // After a jump the old deadline says nothing: nobody was awake to hear the answer.
  if (jumped || urgent) {
    const deadline = now + HEARTBEAT.answerAfterJumpMs;
    return { next: { ...state, tickAt, deadline, doubted: true }, action: 'ask' };
  }
  if (state.deadline !== undefined) {
    return { next: { ...state, tickAt }, action: now >= state.deadline ? 'give up' : 'none' };
  }
  if (now - state.heardAt < HEARTBEAT.quietMs) return { next: { ...state, tickAt }, action: 'none' };
  return { next: { ...state, tickAt, deadline: now + HEARTBEAT.answerMs }, action: 'ask' };
}
