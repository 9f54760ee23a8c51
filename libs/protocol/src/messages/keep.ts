/** Which of these snapshots and blobs must stay? Asked of the hub by a service before it removes any. */
import * as z from 'zod';
import { digests, id } from '../fields';
import { defineMessage } from './define-message';

export const keep = defineMessage('keep', z.object({ digests }));
export type KeepBody = z.infer<typeof keep.body>;

/** Those of the digests that somebody wants kept, e.g. because their run is pinned. */
export const kept = defineMessage('kept', z.object({ re: id, digests }));
export type KeptBody = z.infer<typeof kept.body>;
