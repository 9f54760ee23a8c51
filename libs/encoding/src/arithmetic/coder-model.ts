/** What differs between the versions of the artifact format in what the mixing codings know. */
import { FIRST_RULE, SECOND_RULE, type MixingRule } from './mixed-bits';

export interface CoderModel {
  readonly mixing: MixingRule;
  /** Signs from pairs of weights (`sign-pairs.ts`), live rows by channel and pixel, and that a live line keeps something. */
  readonly refined: boolean;
  /** Signs and ranks are mixed no longer than it helps (`trial.ts`). */
  readonly tries: boolean;
  /** Small tensors are mixed twice, the second time by weights that settle sooner; large ones once, by weights that settle further. */
  readonly bySize: boolean;
}

export const FIRST_MODEL: CoderModel = { mixing: FIRST_RULE, refined: false, tries: false, bySize: false };
export const SECOND_MODEL: CoderModel = { mixing: SECOND_RULE, refined: true, tries: false, bySize: false };
/** Since version 4. */
export const FOURTH_MODEL: CoderModel = { ...SECOND_MODEL, tries: true, bySize: true };

/** Of a version of the artifact format; version 3 has another coding, but the same model as the second. */
export function modelOfVersion(version: number): CoderModel {
  return version === 1 ? FIRST_MODEL : version < 4 ? SECOND_MODEL : FOURTH_MODEL;
}
