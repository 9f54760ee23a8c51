/** Invocations and their answers on the wire, both ways; `docs/plugin-protocol.md` has the table. */
import type { JsonValue } from '@espalier/base';
import type { OptionValues } from '@espalier/plugin-api';
import type { PluginHeader } from '@espalier/protocol';
import type { PluginData } from '@espalier/transport';
import { sizeOf, type Shape } from '@espalier/tensor';
import { KIND_OF_METHOD, type AnswerOf, type InputOf, type Invocation, type Method } from '../methods';
import { bytesOnWire, randomFromWire, tensorsFromWire, toWire, type WireFields } from './fields';

type CallHeader = PluginHeader<'plugin.call'>;
type AnswerHeader = PluginHeader<'plugin.answer'>;

export interface Outgoing {
  readonly header: PluginData;
  readonly pieces: readonly Uint8Array[];
}

/** Bytes beyond those of its tensors that an answer may have where its length is the plugin's choice. */
const ENCODE_SLACK_BYTES = 64 * 1024;

export function callToWire(call: number, { method, name, input, options }: Invocation): Outgoing {
  const { json, tensors, pieces } = toWire(input as Readonly<Record<string, unknown>>, shapeOf(input));
  return {
    header: {
      kind: 'plugin.call',
      call,
      contribution: KIND_OF_METHOD[method],
      name,
      method,
      input: json,
      options: options as { readonly [key: string]: JsonValue },
      tensors: [...tensors],
    },
    pieces,
  };
}

/** What `callToWire` was given. Throws TypeError for a method that there is not. */
export function callFromWire(header: CallHeader, bytes: Uint8Array): Invocation {
  const { method, name, options } = header;
  if (!Object.hasOwn(KIND_OF_METHOD, method)) throw new TypeError(`there is no method "${method}"`);
  const { random, ...json } = header.input as Readonly<Record<string, unknown>>;
  const input = {
    ...json,
    ...(random !== undefined && { random: randomFromWire(random) }),
    ...Object.fromEntries(tensorsFromWire(header.tensors, bytes)),
  };
  return { method: method as Method, name, input: input as never, options: options as OptionValues };
}

export function answerToWire<M extends Method>(call: number, method: M, answer: AnswerOf<M>): Outgoing {
  const { json, tensors, pieces } = answerFields(method, answer);
  return { header: { kind: 'plugin.answer', call, value: json, tensors: [...tensors] }, pieces };
}

function answerFields(method: Method, answer: unknown): WireFields {
  switch (method) {
    case 'score':
      return toWire({ scores: answer });
    case 'groups': {
      const { count, of, pattern } = answer as AnswerOf<'groups'>;
      return toWire({ count, of, ...(pattern && { keep: pattern.keep, setOf: pattern.setOf }) });
    }
    case 'completion':
      return toWire({ completions: answer });
    case 'encode':
      return toWire({ bytes: answer });
    case 'decode':
      return toWire({ values: answer });
    case 'quantize':
      return toWire(answer as unknown as Readonly<Record<string, unknown>>);
    case 'regrow':
      return toWire({ mask: answer });
  }
}

/** Not checked: what a plugin says may be anything. */
export function answerFromWire<M extends Method>(
  method: M,
  { value, tensors }: AnswerHeader,
  bytes: Uint8Array,
): AnswerOf<M> {
  const json = (typeof value === 'object' && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >;
  const fields = { ...json, ...Object.fromEntries(tensorsFromWire(tensors, bytes)) };
  return plainAnswer(method, fields) as AnswerOf<M>;
}

function plainAnswer(method: Method, fields: Readonly<Record<string, unknown>>): unknown {
  switch (method) {
    case 'score':
      return fields['scores'];
    case 'groups': {
      const { count, of, keep, setOf } = fields;
      return { count, of, ...(setOf !== undefined && { pattern: { keep, setOf } }) };
    }
    case 'completion':
      return fields['completions'];
    case 'encode':
      return fields['bytes'];
    case 'decode':
      return fields['values'];
    case 'quantize':
      return fields;
    case 'regrow':
      return fields['mask'];
  }
}

/** The longest answer that this call can have; more is not taken. */
export function maxAnswerBytes({ method, input }: Invocation): number {
  const size = sizeOf(shapeOf(input) ?? []);
  switch (method) {
    case 'score':
    case 'decode':
      return bytesOnWire([4 * size]);
    case 'groups':
      return bytesOnWire([4 * size, 4 * size]);
    case 'completion':
      return 0;
    case 'encode':
      return bytesOnWire([8 * size]) + ENCODE_SLACK_BYTES;
    case 'quantize':
      return bytesOnWire([2 * size, 4 * 65_536, 65_536, Math.ceil(size / 8)]) + ENCODE_SLACK_BYTES;
    case 'regrow':
      return bytesOnWire([Math.ceil(size / 8)]);
  }
}

/** Bytes of the arrays that a call carries. */
export function callBytes(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function shapeOf<M extends Method>(input: InputOf<M>): Shape | undefined {
  return (input as { readonly shape?: Shape }).shape;
}
