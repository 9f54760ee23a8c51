/**
 * A plugin's process and its host, on a connection of their own; the plugin is the client. Calls and answers carry tensors and are data
 * messages (`data/plugin-headers.ts`). The wire as authors of plugins see it: `docs/plugin-protocol.md`.
 *
 *   plugin ── plugin.hello ──►  host      first message: the manifest (answer plugin.admitted, or refuse and the end)
 *   plugin ◄─ plugin.call ────  host      data; several may be under way
 *   plugin ── plugin.answer ─►  host      data; or plugin.error
 *   plugin ◄─ plugin.event ───  host      for an observer, as long as its call is under way
 *   plugin ── plugin.publish ►  host
 *   either ── plugin.credit ──►           so many more bytes of data messages may be sent
 *   either ── plugin.leave ───►           the end, in order
 */
import * as z from 'zod';
import { errorCodeField, id, json, jsonObject, sentence, timestampMs, seq, word } from '../fields';
import { PROTOCOL_LIMITS } from '../limits';
import { defineMessage } from './define-message';

/** Number of a call, chosen by the host, unique on its connection. */
export const callNumber = z.number().int().min(0).max(0xffffffff);

const packageName = z.string().min(1).max(214);
const version = z.string().min(1).max(128);
const described = { description: sentence };

const option = z.discriminatedUnion('type', [
  z.object({
    ...described,
    type: z.enum(['number', 'integer']),
    default: z.number(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    exclusiveMinimum: z.number().optional(),
  }),
  z.object({ ...described, type: z.literal('boolean'), default: z.boolean() }),
  z.object({
    ...described,
    type: z.literal('string'),
    default: z.string().max(256),
    enum: z.array(z.string().max(256)).max(64).optional(),
  }),
]);

const contribution = z.object({
  /** Free, so that a host which does not know it can say so. */
  kind: word,
  name: word,
  description: sentence.optional(),
  needs: z.array(word).max(16).optional(),
  options: z.record(z.string().max(64), option).optional(),
  /** Of a granularity: it says which groups compete. */
  pattern: z.boolean().optional(),
  /** Of an observer: types of events that it wants. */
  events: z.array(word).max(64).optional(),
});

export const pluginHello = defineMessage(
  'plugin.hello',
  z.object({
    /** Protocol versions that the plugin speaks. */
    protocols: z.array(z.number().int().positive()).min(1).max(16),
    name: packageName,
    version,
    /** Semver range of the host versions that it was made for. */
    host: z.string().min(1).max(128),
    description: sentence.optional(),
    /** Language and library, for people. */
    software: z.string().max(128).optional(),
    contributions: z.array(contribution).max(256),
  }),
);
export type PluginHelloBody = z.infer<typeof pluginHello.body>;

export const pluginAdmitted = defineMessage(
  'plugin.admitted',
  z.object({
    re: id,
    protocol: z.number().int().positive(),
    /** Version of the host's contracts. */
    host: version,
    /** Bytes of data messages that either end may have sent before the first `plugin.credit`. */
    windowBytes: z.number().int().positive().max(PROTOCOL_LIMITS.windowBytes),
    /** The longest answer that the host takes. */
    maxAnswerBytes: z.number().int().positive(),
  }),
);
export type PluginAdmittedBody = z.infer<typeof pluginAdmitted.body>;

export const pluginError = defineMessage(
  'plugin.error',
  z.object({ call: callNumber, code: errorCodeField, message: sentence }),
);
export type PluginErrorBody = z.infer<typeof pluginError.body>;

export const pluginCredit = defineMessage(
  'plugin.credit',
  z.object({ bytes: z.number().int().nonnegative().max(PROTOCOL_LIMITS.windowBytes) }),
);
export type PluginCreditBody = z.infer<typeof pluginCredit.body>;

const observedEvent = z.object({ type: word, at: timestampMs, seq: seq.optional(), fields: jsonObject });

export const pluginEvent = defineMessage(
  'plugin.event',
  z.object({
    /** The call of `observe`. */
    call: callNumber,
    events: z.array(observedEvent).max(256),
    /** No more will come: the observer finishes and answers its call. */
    end: z.boolean().optional(),
  }),
);
export type PluginEventBody = z.infer<typeof pluginEvent.body>;

export const pluginPublish = defineMessage(
  'plugin.publish',
  z.object({
    call: callNumber,
    /** The observer that the call is of. */
    name: word,
    observations: z.array(json).max(256),
  }),
);
export type PluginPublishBody = z.infer<typeof pluginPublish.body>;

export const pluginLeave = defineMessage('plugin.leave', z.object({ reason: sentence }));
export type PluginLeaveBody = z.infer<typeof pluginLeave.body>;

/** Everything that may be said on a plugin's connection; `refuse` and `ping` belong to both planes. */
export const PLUGIN_KINDS = [
  'plugin.hello',
  'plugin.admitted',
  'plugin.error',
  'plugin.credit',
  'plugin.event',
  'plugin.publish',
  'plugin.leave',
  'refuse',
  'ping',
  'pong',
] as const;

/** The envelope's `from` of a plugin: its name without `@`, and with `:` for `/`. */
export function pluginSender(name: string): string {
  return name.replace(/^@/, '').replace('/', ':').slice(0, 128);
}
