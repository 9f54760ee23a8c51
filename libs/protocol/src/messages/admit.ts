/**
 * Before a run's criterion is swapped: would you let this one in? Asked by the hub of each service that may score the run. The service loads
 * the plugin beside those that it has, tries the criterion with these options on a small known tensor, and keeps it ready.
 *
 *   hub  ── criterion.admit ──►  service      (answer criterion.admitted, or refuse with the code of what is wrong)
 */
import * as z from 'zod';
import { digest, id, jsonObject, word } from '../fields';
import { defineMessage } from './define-message';

export const criterionAdmit = defineMessage(
  'criterion.admit',
  z.object({
    /** Of the criterion within its plugin. */
    name: word,
    options: jsonObject,
    plugin: z.object({ name: z.string().min(1).max(214), version: z.string().min(1).max(128), digest }),
  }),
);
export type CriterionAdmitBody = z.infer<typeof criterionAdmit.body>;

/** `needs`: what it must be given besides its options, as its plugin declares it. */
export const criterionAdmitted = defineMessage(
  'criterion.admitted',
  z.object({ re: id, needs: z.array(word).max(16) }),
);
export type CriterionAdmittedBody = z.infer<typeof criterionAdmitted.body>;
