/**
 * Control messages: `{v, kind, id, run?, from, at, body}`, one msgpack map in one binary WebSocket message. Bytes become
 * a `Message` here and nowhere else: size, then structure, then envelope, then body; the object is rebuilt, not cast.
 */
import { newId } from '@espalier/base';
import * as z from 'zod';
import { protocolError } from './errors';
import { id, timestampMs } from './fields';
import { PROTOCOL_LIMITS } from './limits';
import { MESSAGES, isMessageKind, type MessageBody, type MessageKind } from './messages/catalogue';
import { pack, plainCopy, unpack } from './msgpack';
import { CONTROL_SCAN, scanValue } from './scan';

/** The version of the envelope and of the messages in it. */
export const PROTOCOL_VERSION = 1;

export interface Envelope<Kind extends MessageKind> {
  readonly v: typeof PROTOCOL_VERSION;
  readonly kind: Kind;
  readonly id: string;
  /** The run that the message is about, where it is about one. */
  readonly run?: string;
  /** Name of the service or hub that sent it. */
  readonly from: string;
  /** When it was sent, milliseconds since the epoch. */
  readonly at: number;
  readonly body: MessageBody<Kind>;
}

/** A message of one kind, or of any; `kind` tells the body's type. */
export type Message<Kind extends MessageKind = MessageKind> = { [K in Kind]: Envelope<K> }[Kind];

const envelope = z.object({
  v: z.unknown(),
  kind: z.string().max(64),
  id,
  run: id.optional(),
  from: id,
  at: timestampMs,
  body: z.unknown(),
});

export interface MessageOptions {
  readonly from: string;
  readonly run?: string;
  /** Default: a fresh one. */
  readonly id?: string;
  /** Default: now. */
  readonly at?: number;
}

/** A message with its envelope; `encodeMessage` checks the body. */
export function message<Kind extends MessageKind>(
  kind: Kind,
  body: MessageBody<Kind>,
  options: MessageOptions,
): Message<Kind> {
  const made: Envelope<Kind> = {
    v: PROTOCOL_VERSION,
    kind,
    id: options.id ?? newId(),
    from: options.from,
    at: options.at ?? Date.now(),
    body,
    ...(options.run === undefined ? {} : { run: options.run }),
  };
  return made as Message<Kind>;
}

/** Id of the message that this one answers, or undefined. */
export function answers(value: Message): string | undefined {
  return 're' in value.body ? value.body.re : undefined;
}

/** Throws PROTOCOL_BODY for a body that the receiver would refuse, PROTOCOL_TOO_LARGE beyond 64 KiB. */
export function encodeMessage(value: Message): Uint8Array {
  const plain = plainCopy(value, value.kind, 'message') as Record<string, unknown>;
  validateBody(value.kind, plain.body);
  const bytes = pack(plain);
  if (bytes.byteLength > PROTOCOL_LIMITS.maxControlBytes) throw tooLarge(bytes.byteLength);
  return bytes;
}

/** Throws PROTOCOL_TOO_LARGE, PROTOCOL_FRAME, PROTOCOL_VERSION, PROTOCOL_KIND or PROTOCOL_BODY. */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.byteLength > PROTOCOL_LIMITS.maxControlBytes) throw tooLarge(bytes.byteLength);
  const end = scanValue(bytes, 0, CONTROL_SCAN);
  if (end !== bytes.byteLength) {
    throw protocolError('PROTOCOL_FRAME', { offset: end, problem: 'something follows the message' });
  }
  const raw = unpack(bytes);
  const parsed = envelope.safeParse(raw);
  if (!parsed.success) throw invalid('?', parsed.error);
  const { v, kind, body, ...rest } = parsed.data;
  if (v !== PROTOCOL_VERSION) {
    throw protocolError('PROTOCOL_VERSION', { actual: String(v).slice(0, 32), expected: PROTOCOL_VERSION });
  }
  if (!isMessageKind(kind)) throw protocolError('PROTOCOL_KIND', { kind });
  return message(kind, validateBody(kind, body), rest) as Message;
}

function validateBody<Kind extends MessageKind>(kind: Kind, body: unknown): MessageBody<Kind> {
  const parsed = (MESSAGES[kind].body as z.ZodType).safeParse(body);
  if (!parsed.success) throw invalid(kind, parsed.error);
  return parsed.data as MessageBody<Kind>;
}

/** The first problem that zod found, as one sentence. */
export function invalid(kind: string, error: z.ZodError): Error {
  const issue = error.issues[0];
  const path = issue.path.length === 0 ? 'its top' : `"${issue.path.map(String).join('.')}"`;
  return protocolError('PROTOCOL_BODY', { kind, path, problem: issue.message });
}

function tooLarge(actual: number): Error {
  return protocolError('PROTOCOL_TOO_LARGE', {
    what: 'control message',
    actual,
    limit: PROTOCOL_LIMITS.maxControlBytes,
  });
}
