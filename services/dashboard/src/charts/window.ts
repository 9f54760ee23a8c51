/** The part of a run's steps that its charts show. Pure. */

/** Absent: from the beginning; to the end, as it grows. */
export interface StepWindow {
  readonly from?: number;
  readonly to?: number;
}

export const WHOLE: StepWindow = {};

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Fewer steps than these are not zoomed to. */
const LEAST_STEPS = 10;

/** What is shown of a run that has come to `end`. */
export function spanOf({ from = 0, to }: StepWindow, end: number): Span {
  const right = to ?? Math.max(end, from + LEAST_STEPS);
  return { from, to: right };
}

/** `factor` below 1 zooms in, around a place in the span from 0 (left) to 1. */
export function zoomed({ from, to }: Span, end: number, factor: number, around = 0.5): StepWindow {
  const steps = Math.max(LEAST_STEPS, (to - from) * factor);
  const left = from + (to - from - steps) * around;
  return within({ from: left, to: left + steps }, end);
}

/** Moves by a share of the span; below 0 to earlier steps. */
export function moved({ from, to }: Span, end: number, share: number): StepWindow {
  const by = (to - from) * share;
  const kept = Math.max(-from, Math.min(by, Math.max(0, end - to)));
  return within({ from: from + kept, to: to + kept }, end);
}

/** What reaches an end of the run stays open there, so that it follows. */
export function within({ from, to }: Span, end: number): StepWindow {
  return {
    ...(from <= 0 ? {} : { from: Math.floor(from) }),
    ...(to >= end ? {} : { to: Math.ceil(to) }),
  };
}
