import type { ArrayType } from './node';

/** State that lives in the session from one call to the next: a weight, a mask, a slot, the data set. */
export interface Variable extends ArrayType {
  /** Unique; the name of its tensor in a snapshot where it has one. */
  readonly name: string;
}
