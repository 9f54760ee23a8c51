/** What differs between the versions of the artifact format in what the mixing codings know. */
import { FIRST_RULE, SECOND_RULE, type MixingRule } from './mixed-bits';

export interface CoderModel {
  readonly mixing: MixingRule;
  /** Signs from pairs of weights (`sign-pairs.ts`), live rows by channel and pixel, and that a live line keeps something. */
  readonly refined: boolean;
}

export const FIRST_MODEL: CoderModel = { mixing: FIRST_RULE, refined: false };
export const SECOND_MODEL: CoderModel = { mixing: SECOND_RULE, refined: true };
