import { assertNever } from '@espalier/base';

/** How the learning rate goes with the step. */
export type LearningRateSpec =
  | { readonly kind: 'constant'; readonly base: number }
  /** base * factor ^ floor(step / everySteps) */
  | { readonly kind: 'step'; readonly base: number; readonly factor: number; readonly everySteps: number }
  /** Half a cosine from base down to floor * base (Loshchilov & Hutter 2017), after a linear rise over warmupSteps. */
  | {
      readonly kind: 'cosine';
      readonly base: number;
      /** Share of `base` at the end; default 0. */
      readonly floor?: number;
      readonly totalSteps: number;
      /** Default 0. */
      readonly warmupSteps?: number;
    };

/** The rate of step `step`, from 0. Beyond its end a cosine stays at its floor. */
export function learningRateAt(spec: LearningRateSpec, step: number): number {
  switch (spec.kind) {
    case 'constant':
      return spec.base;
    case 'step':
      return spec.base * spec.factor ** Math.floor(step / spec.everySteps);
    case 'cosine': {
      const { base, floor = 0, totalSteps, warmupSteps = 0 } = spec;
      if (step < warmupSteps) return (base * (step + 1)) / warmupSteps;
      const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
      return base * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
    }
    default:
      return assertNever(spec);
  }
}
