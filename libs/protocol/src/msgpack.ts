/**
 * msgpackr as this protocol uses it: plain maps, no records, no typed arrays but bytes, numbers for 64-bit integers.
 * Nothing else in the lib touches msgpackr, and nothing reaches its decoder that `scanValue` has not passed.
 */
import { Packr } from 'msgpackr';
import { protocolError } from './errors';

const OPTIONS = {
  useRecords: false,
  mapsAsObjects: true,
  int64AsType: 'number',
  variableMapSize: true,
} as const;

/** One for all: making one takes longer than to pack a small message. It keeps nothing of what it has packed. */
const PACKR = new Packr(OPTIONS);

export function pack(value: unknown): Uint8Array {
  return new Uint8Array(PACKR.pack(value));
}

/** Throws PROTOCOL_FRAME for what the decoder cannot read. */
export function unpack(bytes: Uint8Array): unknown {
  try {
    return PACKR.unpack(bytes);
  } catch (cause) {
    throw protocolError('PROTOCOL_FRAME', { offset: 0, problem: 'the decoder refuses it' }, { cause });
  }
}

/** A copy without `undefined`, of what JSON can say (and bytes, where a header pads itself); throws PROTOCOL_BODY. */
export function plainCopy(value: unknown, kind: string, path = 'body'): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw refuse(kind, path, `${value} is not a finite number`);
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((item, i) => plainCopy(item, kind, `${path}[${i}]`));
      if (ArrayBuffer.isView(value))
        throw refuse(kind, path, 'typed arrays do not travel in control messages');
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [key, plainCopy(item, kind, `${path}.${key}`)]),
      );
    default:
      throw refuse(kind, path, `a ${typeof value} does not travel`);
  }
}

function refuse(kind: string, path: string, problem: string): Error {
  return protocolError('PROTOCOL_BODY', { kind, path, problem });
}
