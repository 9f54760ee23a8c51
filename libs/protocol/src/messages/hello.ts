/**
 * The handshake. The token is checked before the socket opens; then the client says `hello`, and the hub answers
 * `welcome`, or `refuse` and closes. Nothing else is read before.
 */
import * as z from 'zod';
import { errorCodeField, id, jsonObject, sentence, timestampMs, word } from '../fields';
import { defineMessage } from './define-message';

/** Client to hub, first message. */
export const hello = defineMessage(
  'hello',
  z.object({
    /** Protocol versions that the client speaks. */
    protocols: z.array(z.number().int().positive()).min(1).max(16),
    /** Name of the service, unique at the hub; a second one of the same name takes the place of the first. */
    service: id,
    /** What it is: `trainer`, `encoder`, `viewer`, `cli` ... */
    roles: z.array(word).max(16),
    /** Version of the software. */
    software: z.string().max(64).optional(),
    /** Engine: backend, library version, threads, CPU features. */
    engine: jsonObject.optional(),
  }),
);
export type HelloBody = z.infer<typeof hello.body>;

/** Hub to client: you are in. */
export const welcome = defineMessage(
  'welcome',
  z.object({
    /** Id of the message answered. */
    re: id,
    /** The protocol version that both speak from here on. */
    protocol: z.number().int().positive(),
    /** Name of the hub. */
    hub: id,
    software: z.string().max(64).optional(),
    /** Changes when the hub's process does: the client announces its leases anew. */
    session: id,
    nowMs: timestampMs,
    /** Longest silence before a peer counts as gone. */
    heartbeatMs: z.number().int().positive(),
  }),
);
export type WelcomeBody = z.infer<typeof welcome.body>;

/** Either way: the answer to a request that failed, or to a `hello` that is not let in. */
export const refuse = defineMessage(
  'refuse',
  z.object({ re: id, code: errorCodeField, message: sentence, retryable: z.boolean() }),
);
export type RefuseBody = z.infer<typeof refuse.body>;

/** Either way: the answer to a request that has nothing to say but yes. */
export const ack = defineMessage('ack', z.object({ re: id }));
export type AckBody = z.infer<typeof ack.body>;
