import { assertNever } from '@espalier/base';

interface Rate {
  readonly base: number;
  /** Steps of a linear rise before the schedule begins; default 0. */
  readonly warmupSteps?: number;
}

/** How the learning rate goes with the step. */
export type LearningRateSpec =
  | (Rate & { readonly kind: 'constant' })
  /** base * factor ^ floor(step / everySteps), steps counted from the end of the warm-up */
  | (Rate & { readonly kind: 'step'; readonly factor: number; readonly everySteps: number })
  /** Half a cosine from base down to floor * base (Loshchilov & Hutter 2017), over totalSteps with the warm-up. */
  | (Rate & {
      readonly kind: 'cosine';
      /** Share of `base` at the end; default 0. */
      readonly floor?: number;
      readonly totalSteps: number;
    });

/** The rate of step `step`, from 0. Beyond its end a cosine stays at its floor. */
export function learningRateAt(spec: LearningRateSpec, step: number): number {
  const { base, warmupSteps = 0 } = spec;
  if (step < warmupSteps) return (base * (step + 1)) / warmupSteps;
  const since = step - warmupSteps;
  switch (spec.kind) {
    case 'constant':
      return base;
    case 'step':
      return base * spec.factor ** Math.floor(since / spec.everySteps);
    case 'cosine': {
      const { floor = 0, totalSteps } = spec;
      const progress = Math.min(1, since / Math.max(1, totalSteps - warmupSteps));
      return base * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
    }
    default:
      return assertNever(spec);
  }
}
