/** A service says what it can do and where its store is. Sent after `welcome` and whenever it changes. Answer: `ack`. */
import * as z from 'zod';
import { dataUrl, digests, id, jsonObject, word } from '../fields';
import { defineMessage } from './define-message';

export const announce = defineMessage(
  'announce',
  z.object({
    service: id,
    /** Stage kinds that it takes leases for. */
    can: z.array(word).max(64),
    /** Engine's fingerprint: what the bits of a stage's value depend on. */
    engine: jsonObject.optional(),
    /** Where snapshots and blobs are pulled from it; absent when it shows none. */
    dataUrl: dataUrl.optional(),
    /** Leases that it takes at the same time. */
    slots: z.number().int().min(0).max(1024).optional(),
    /** Leases that it still works on: after the hub came back, they go on. */
    leases: z.array(id).max(1024).optional(),
    /** It can be asked whether it would let a criterion in (`criterion.admit`); an older one would not know the question. */
    admits: z.boolean().optional(),
    /** Blobs and snapshots that it has from the start, e.g. the data set that the CLI read. */
    holds: digests.optional(),
  }),
);
export type AnnounceBody = z.infer<typeof announce.body>;
