/** What a stage does to its session from time to time, between two steps of its training. */
export interface BetweenSteps {
  /** The next step after `step` at which there may be something to do. */
  nextStep(step: number): number;
  /** Asked once at each step that `nextStep` gave, and at others where nothing is due. */
  doIfDue(step: number): Promise<void>;
}
