/** What a member of a team does: waits for work, does its share, waits again. */

/** Words of the memory that a team is led by, each in a cache line of its own. */
export const CONTROL = {
  /** The job in the upper bits; in the lowest 8 how many of its parts nobody has taken yet. */
  ticket: 0,
  /** Parts of the job that are done, other than by the leader. */
  done: 16,
  /** Members that may take part in the job: those with lower numbers. */
  active: 32,
  /** Members that sleep, and have to be woken. */
  sleeping: 48,
  /** 1 while the leader sleeps until more is done. */
  leaderSleeps: 64,
  /** 1 when the team is no longer needed. */
  stopped: 80,
  /** Length of the text that says why a member failed, which begins with the next word. */
  failure: 96,
} as const;

export const CONTROL_WORDS = 512;
export const MAX_PARTS = 255;

/** Milliseconds that a thread looks at a word before it goes to sleep: about as long as it takes to wake one. */
export const SPIN_MS = 0.3;

export interface MemberSpec {
  readonly control: Int32Array;
  readonly words: typeof CONTROL;
  readonly index: number;
  readonly spinMs: number;
  /** By job, the parts. */
  readonly jobs: readonly (readonly (() => void)[])[];
}

/**
 * Returns when the team is stopped, or a part has failed. Its text is what runs in the other thread: it uses nothing but what it is given.
 */
export function workAsMember({ control, words, index, spinMs, jobs }: MemberSpec): void {
  for (;;) {
    const ticket = Atomics.load(control, words.ticket);
    if (Atomics.load(control, words.stopped) === 1) return;
    const left = ticket & 255;
    if (left > 0 && index < Atomics.load(control, words.active)) {
      // Succeeds only if that job still has as many parts: of an older one nobody can take any.
      if (Atomics.compareExchange(control, words.ticket, ticket, ticket - 1) !== ticket) continue;
      let failure = '';
      try {
        jobs[ticket >> 8][left]();
      } catch (error) {
        failure = String(error);
        for (let i = 0; i < failure.length && i < 300; i++)
          control[words.failure + 1 + i] = failure.charCodeAt(i);
        Atomics.store(control, words.failure, Math.min(300, failure.length));
      }
      Atomics.add(control, words.done, 1);
      if (Atomics.load(control, words.leaderSleeps) === 1) Atomics.notify(control, words.done);
      if (failure !== '') return;
      continue;
    }
    const sleepAt = performance.now() + spinMs;
    let same = true;
    while (same && performance.now() < sleepAt) {
      for (let i = 0; same && i < 64; i++) same = Atomics.load(control, words.ticket) === ticket;
    }
    if (same) {
      Atomics.add(control, words.sleeping, 1);
      Atomics.wait(control, words.ticket, ticket);
      Atomics.sub(control, words.sleeping, 1);
    }
  }
}
