/**
 * Events of a run. A service sends them to the hub; the hub numbers the durable ones in the run's log and passes all on
 * to the watchers. The run is the envelope's `run`.
 */
import * as z from 'zod';
import { id, jsonObject, seq, timestampMs, word } from '../fields';
import { defineMessage } from './define-message';

export const event = defineMessage(
  'event',
  z.object({
    /** Number in the run's log, given by the hub; absent on the way to it, and for events that are not kept. */
    seq: seq.optional(),
    /** When it happened; the envelope's `at` is when it was sent. */
    at: timestampMs.optional(),
    type: word,
    fields: jsonObject,
    /** False: progress, which is conflated for slow watchers, may be dropped, and is not fsynced. Default true. */
    durable: z.boolean().optional(),
    /** Events of one series replace each other when the watcher is slow. Default: the type. */
    series: z.string().max(128).optional(),
  }),
);
export type EventBody = z.infer<typeof event.body>;

/** A watcher asks for the events of one run, or of all (`*`). Answer: `ack`, then `event`s. */
export const subscribe = defineMessage(
  'subscribe',
  z.object({
    run: z.union([id, z.literal('*')]),
    /** First number that it wants of the log; absent: only what happens from now on. */
    fromSeq: seq.optional(),
  }),
);
export type SubscribeBody = z.infer<typeof subscribe.body>;

/** Answer: `ack`. */
export const unsubscribe = defineMessage('unsubscribe', z.object({ run: z.union([id, z.literal('*')]) }));
export type UnsubscribeBody = z.infer<typeof unsubscribe.body>;
