/** Who has these snapshots and blobs? Asked of the hub by whoever lacks one. */
import { z } from 'zod';
import { dataUrl, digest, digests, id } from '../fields';
import { PROTOCOL_LIMITS } from '../limits';
import { defineMessage } from './define-message';

export const locate = defineMessage('locate', z.object({ digests }));
export type LocateBody = z.infer<typeof locate.body>;

/** Digest to data URLs, best first; a digest that nobody has is left out. */
export const located = defineMessage(
  'located',
  z.object({
    re: id,
    urls: z
      .record(digest, z.array(dataUrl).max(16))
      .refine(
        (map) => Object.keys(map).length <= PROTOCOL_LIMITS.maxDigests,
        `must have at most ${PROTOCOL_LIMITS.maxDigests} digests`,
      ),
  }),
);
export type LocatedBody = z.infer<typeof located.body>;
