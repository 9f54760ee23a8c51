import fc from 'fast-check';
import { errorCode } from '@espalier/base';
import { pack } from './msgpack';
import { CONTROL_SCAN, HEADER_SCAN, scanValue } from './scan';

const codeOf = (action: () => unknown): string | undefined => {
  try {
    action();
    return undefined;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
};

describe('scanValue', () => {
  it('ends where the value ends, for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const bytes = pack(value);
        expect(scanValue(bytes, 0, { ...CONTROL_SCAN, maxElements: 1e6 })).toBe(bytes.byteLength);
      }),
    );
  });

  it('starts in the middle of a buffer', () => {
    const bytes = new Uint8Array([0xff, 0x92, 0x01, 0x02, 0xff]);
    expect(scanValue(bytes, 1, CONTROL_SCAN)).toBe(4);
  });

  it('takes bytes in headers and refuses them in control messages', () => {
    const bytes = pack({ pad: new Uint8Array(3) });
    expect(scanValue(bytes, 0, HEADER_SCAN)).toBe(bytes.byteLength);
    expect(codeOf(() => scanValue(bytes, 0, CONTROL_SCAN))).toBe('PROTOCOL_FRAME');
  });

  it.each([
    ['a depth bomb of 60,000 arrays', new Uint8Array(60_000).fill(0x91)],
    ['a depth bomb of maps', new Uint8Array(60_000).fill(0x81)],
    ['an array that declares 4 billion values', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map that declares 4 billion values', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['a string that declares 4 GiB', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x41]],
    ['bytes that declare 4 GiB', [0xc6, 0xff, 0xff, 0xff, 0xff, 0x41]],
    ['an array that lacks its last value', [0x92, 0x01]],
    ['a number that is cut', [0xcb, 0x00]],
    ['a length that is cut', [0xda, 0x00]],
    ['a key that is a number', [0x81, 0x01, 0x01]],
    ['a key that is a map', [0x81, 0x80, 0x01]],
    ['a timestamp extension', [0xd6, 0xff, 0, 0, 0, 1]],
    ['a RegExp extension of the decoder', [0xc7, 0x04, 0x78, 0x92, 0xa1, 0x61, 0xa0]],
    ['an undefined extension', [0xd4, 0x00, 0x00]],
    ['the byte that is never used', [0xc1]],
    ['nothing', []],
  ])('refuses %s', (_name, content) => {
    const bytes = Uint8Array.from(content);
    expect(codeOf(() => scanValue(bytes, 0, HEADER_SCAN))).toBe('PROTOCOL_FRAME');
  });

  it('refuses more values than allowed, though each is small', () => {
    const bytes = pack(new Array(20_000).fill(0));
    expect(codeOf(() => scanValue(bytes, 0, CONTROL_SCAN))).toBe('PROTOCOL_FRAME');
  });

  it('throws nothing but PROTOCOL_FRAME, whatever the bytes, and never ends beyond them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        let end = 0;
        const code = codeOf(() => (end = scanValue(bytes, 0, HEADER_SCAN)));
        expect([undefined, 'PROTOCOL_FRAME']).toContain(code);
        expect(end).toBeLessThanOrEqual(bytes.byteLength);
      }),
      { numRuns: 1000 },
    );
  });
});
