/**
 * A walk over one msgpack value that decodes nothing: it checks structure, depth, counts and lengths, so that the
 * decoder is only ever given a value that is known to be small and plain. Iterative, so depth costs no stack; memory is
 * one number per open map or array.
 */
import { PROTOCOL_LIMITS } from './limits';
import { protocolError } from './errors';

export interface ScanLimits {
  readonly maxDepth: number;
  readonly maxElements: number;
  /** May the value hold byte strings? Control messages are JSON-like and may not. */
  readonly binary: boolean;
}

export const CONTROL_SCAN: ScanLimits = {
  maxDepth: PROTOCOL_LIMITS.maxDepth,
  maxElements: PROTOCOL_LIMITS.maxElements,
  binary: false,
};

export const HEADER_SCAN: ScanLimits = { ...CONTROL_SCAN, binary: true };

/** The offset just behind the value that starts at `start`. Throws PROTOCOL_FRAME when it is broken or beyond the limits. */
export function scanValue(bytes: Uint8Array, start: number, limits: ScanLimits): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Values still to come in each open container; a map counts keys and values. */
  const open: number[] = [];
  /** For each open container: is it a map? */
  const maps: boolean[] = [];
  let offset = start;
  let elements = 0;

  do {
    while (open.length > 0 && open[open.length - 1] === 0) {
      open.pop();
      maps.pop();
    }
    if (open.length === 0 && elements > 0) break;
    const top = open.length - 1;
    const isKey = top >= 0 && maps[top] && open[top] % 2 === 0;
    if (top >= 0) open[top]--;
    if (++elements > limits.maxElements) throw broken(offset, `more than ${limits.maxElements} values`);

    const { end, children, isMap, isString, isBinary } = readToken(view, offset);
    if (isKey && (!isString || end - offset > PROTOCOL_LIMITS.maxKeyBytes)) {
      throw broken(offset, `a map's key must be a string of at most ${PROTOCOL_LIMITS.maxKeyBytes} bytes`);
    }
    if (isBinary && !limits.binary) throw broken(offset, 'a control message holds no byte strings');
    if (end > bytes.byteLength)
      throw broken(offset, `a value ends at ${end}, beyond the ${bytes.byteLength} bytes`);
    if (children > bytes.byteLength - end) {
      throw broken(
        offset,
        `${children} values are declared, but only ${bytes.byteLength - end} bytes follow`,
      );
    }
    if (children >= 0) {
      if (open.length >= limits.maxDepth) throw broken(offset, `deeper than ${limits.maxDepth}`);
      open.push(children);
      maps.push(isMap);
    }
    offset = end;
  } while (open.length > 0);
  return offset;
}

interface Token {
  /** Behind the token and, for strings, bytes and numbers, behind its content. */
  readonly end: number;
  /** Values that follow and belong to it (a map's keys counted), or -1 when it is no container. */
  readonly children: number;
  readonly isMap: boolean;
  readonly isString: boolean;
  readonly isBinary: boolean;
}

/** The token at `offset`, by the msgpack specification's first byte. */
function readToken(view: DataView, offset: number): Token {
  const need = (count: number): void => {
    if (offset + count > view.byteLength) throw broken(offset, 'the message ends in the middle of a value');
  };
  const plain = (size: number): Token => token(offset + size);
  need(1);
  const first = view.getUint8(offset);
  if (first <= 0x7f || first >= 0xe0) return plain(1);
  if (first <= 0x8f) return token(offset + 1, 2 * (first & 0x0f), 'map');
  if (first <= 0x9f) return token(offset + 1, first & 0x0f, 'array');
  if (first <= 0xbf) return token(offset + 1 + (first & 0x1f), -1, 'string');
  switch (first) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return plain(1);
    case 0xcc: // uint8
    case 0xd0: // int8
      return plain(2);
    case 0xcd: // uint16
    case 0xd1: // int16
      return plain(3);
    case 0xca: // float32
    case 0xce: // uint32
    case 0xd2: // int32
      return plain(5);
    case 0xcb: // float64
    case 0xcf: // uint64
    case 0xd3: // int64
      return plain(9);
    case 0xc4: // bin8
      need(2);
      return token(offset + 2 + view.getUint8(offset + 1), -1, 'binary');
    case 0xc5: // bin16
      need(3);
      return token(offset + 3 + view.getUint16(offset + 1), -1, 'binary');
    case 0xc6: // bin32
      need(5);
      return token(offset + 5 + view.getUint32(offset + 1), -1, 'binary');
    case 0xd9: // str8
      need(2);
      return token(offset + 2 + view.getUint8(offset + 1), -1, 'string');
    case 0xda: // str16
      need(3);
      return token(offset + 3 + view.getUint16(offset + 1), -1, 'string');
    case 0xdb: // str32
      need(5);
      return token(offset + 5 + view.getUint32(offset + 1), -1, 'string');
    case 0xdc: // array16
      need(3);
      return token(offset + 3, view.getUint16(offset + 1), 'array');
    case 0xdd: // array32
      need(5);
      return token(offset + 5, view.getUint32(offset + 1), 'array');
    case 0xde: // map16
      need(3);
      return token(offset + 3, 2 * view.getUint16(offset + 1), 'map');
    case 0xdf: // map32
      need(5);
      return token(offset + 5, 2 * view.getUint32(offset + 1), 'map');
    default:
      // 0xc1 is never used; the rest are extensions, with which the decoder would build dates, errors, expressions.
      throw broken(offset, `type 0x${first.toString(16)} is not allowed`);
  }
}

function token(end: number, children = -1, type?: 'map' | 'array' | 'string' | 'binary'): Token {
  return { end, children, isMap: type === 'map', isString: type === 'string', isBinary: type === 'binary' };
}

function broken(offset: number, problem: string): Error {
  return protocolError('PROTOCOL_FRAME', { offset, problem });
}
