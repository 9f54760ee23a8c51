import type { StepsDone } from './training-session';

/** Collects what steps did, in arrays rather than in an object a step, and tells it on demand. */
export class StepDiary {
  private steps: number[] = [];
  private losses: number[] = [];
  private learningRates: number[] = [];

  constructor(private readonly listener: (done: StepsDone) => void) {}

  add(step: number, loss: number, learningRate: number): void {
    this.steps.push(step);
    this.losses.push(loss);
    this.learningRates.push(learningRate);
  }

  /** Nothing when nothing is new. */
  tell(): void {
    const { steps, losses, learningRates } = this;
    if (steps.length === 0) return;
    this.steps = [];
    this.losses = [];
    this.learningRates = [];
    this.listener({ steps, losses, learningRates });
  }
}
