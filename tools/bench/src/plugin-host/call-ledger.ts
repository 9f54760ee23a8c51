/** Every call has a number, which its answer brings back: so what was lost and what was answered twice is counted, not inferred. */

/** A float32 holds whole numbers exactly up to here, with some room for what is added to them. */
const MAX_CALLS = 2 ** 24 - 16;

export interface CallTotals {
  readonly asked: number;
  /** Numbers that no answer brought back, but those that were called off. */
  readonly lost: number;
  /** Answers beyond the first of their number. */
  readonly twice: number;
  /** Of rounds that were begun anew, with new numbers. */
  readonly calledOff: number;
}

export class CallLedger {
  private asked = 0;
  private calledOff = 0;
  /** Answers by number. Written from the first to the last, so that its pages count before memory is measured. */
  private readonly answers = new Uint8Array(MAX_CALLS).fill(0);

  /** The number of a new call. */
  ask(): number {
    if (this.asked === MAX_CALLS) throw new Error(`more than ${MAX_CALLS} calls have no numbers`);
    return this.asked++;
  }

  /** An answer has brought this number back. */
  answer(number: number): void {
    if (!Number.isInteger(number) || number < 0 || number >= this.asked) {
      throw new Error(`an answer has the number ${number}, which no call had`);
    }
    if (this.answers[number] < 255) this.answers[number]++;
  }

  /** What of these has no answer will have none, and nobody waits for it. */
  callOff(numbers: readonly number[]): void {
    for (const number of numbers) if (this.answers[number] === 0) this.calledOff++;
  }

  totals(): CallTotals {
    const { asked, calledOff } = this;
    let [answered, twice] = [0, 0];
    for (let number = 0; number < asked; number++) {
      if (this.answers[number] > 0) answered++;
      if (this.answers[number] > 1) twice += this.answers[number] - 1;
    }
    return { asked, lost: asked - answered - calledOff, twice, calledOff };
  }
}
