import { errorCode } from '@espalier/base';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { protocolErrorTable } from '../errors';
import { PROTOCOL_LIMITS } from '../limits';
import { pack } from '../msgpack';
import { CHUNK_ROOM_BYTES, decodeData, encodeData, encodeDataAround, viewElements } from './frame';
import { DATA_HEADERS, type DataHeader } from './headers';

const D = 'cd'.repeat(32);
const chunk = (fields: Partial<DataHeader<'chunk'>> = {}): DataHeader<'chunk'> => ({
  kind: 'chunk',
  transfer: 1,
  digest: D,
  form: 'dense',
  dtype: 'float32',
  shape: [300, 784],
  offset: 0,
  total: 940_800,
  check: D,
  ...fields,
});

const codeOf = (action: () => unknown): string | undefined => {
  try {
    action();
    return undefined;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
};

/** The frame in memory at `shift` bytes behind a multiple of 8. */
function placedAt(shift: number, frame: Uint8Array): Uint8Array {
  const memory = new Uint8Array(new ArrayBuffer(frame.byteLength + shift), shift);
  memory.set(frame);
  return memory;
}

describe('data messages', () => {
  const values = Float32Array.from([1.5, -2, 0, 3e-9]);
  const bytes = new Uint8Array(values.buffer);

  it('come back as they were sent', () => {
    const { header, bytes: received } = decodeData(encodeData(chunk(), bytes));
    expect(header).toEqual(chunk());
    expect([...received]).toEqual([...bytes]);
  });

  it('start their bytes at a multiple of 8, however long the header is', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffffffff),
        fc.nat(2 ** 40),
        fc.array(fc.nat(5000), { maxLength: 4 }),
        (transfer, offset, shape) => {
          const frame = encodeData(chunk({ transfer, offset, shape }), bytes);
          const received = decodeData(frame).bytes;
          expect((received.byteOffset - frame.byteOffset) % 8).toBe(0);
          expect(decodeData(frame).header).toEqual(chunk({ transfer, offset, shape }));
        },
      ),
    );
  });

  it('in an aligned buffer are viewed without a copy', () => {
    const frame = placedAt(8, encodeData(chunk(), bytes));
    const view = viewElements('float32', decodeData(frame).bytes);
    expect(view.buffer).toBe(frame.buffer);
    expect([...view]).toEqual([...values]);
  });

  it.each([1, 2, 3, 5, 6, 7])('in a buffer that is off by %i are copied once', (shift) => {
    const frame = placedAt(shift, encodeData(chunk(), bytes));
    const received = decodeData(frame).bytes;
    expect(received.buffer).toBe(frame.buffer);
    const view = viewElements('float32', received);
    expect(view.buffer).not.toBe(frame.buffer);
    expect([...view]).toEqual([...values]);
  });

  it('carry a whole chunk of 1 MiB', () => {
    const content = new Uint8Array(PROTOCOL_LIMITS.maxChunkBytes).fill(7);
    const frame = encodeData(chunk(), content);
    expect(frame.byteLength).toBeLessThan(PROTOCOL_LIMITS.maxFrameBytes);
    expect(decodeData(frame).bytes.byteLength).toBe(content.byteLength);
  });

  it('made around bytes that lie in a buffer are the same, and move none of them', () => {
    const longest = chunk({
      transfer: 0xffffffff,
      shape: new Array<number>(8).fill(2 ** 31),
      offset: 2 ** 52,
      total: 2 ** 52,
      running: true,
    });
    for (const header of [chunk(), longest]) {
      const buffer = new Uint8Array(CHUNK_ROOM_BYTES + bytes.byteLength + 100);
      buffer.set(bytes, CHUNK_ROOM_BYTES);
      const end = CHUNK_ROOM_BYTES + bytes.byteLength;
      const frame = encodeDataAround(header, buffer, { start: CHUNK_ROOM_BYTES, end });
      expect([...frame]).toEqual([...encodeData(header, bytes)]);
      expect(frame.buffer).toBe(buffer.buffer);
      expect(decodeData(frame).bytes.byteOffset).toBe(CHUNK_ROOM_BYTES);
    }
  });

  it('beyond 2 MiB are refused at both ends', () => {
    const content = new Uint8Array(PROTOCOL_LIMITS.maxFrameBytes + 1);
    expect(codeOf(() => encodeData(chunk(), content))).toBe('PROTOCOL_TOO_LARGE');
    expect(codeOf(() => decodeData(content))).toBe('PROTOCOL_TOO_LARGE');
  });

  it('take a want of 256 digests with as many partial ones', () => {
    const digests = new Array<string>(PROTOCOL_LIMITS.maxDigests).fill(D);
    const partial = digests.map((digest) => ({ digest, form: 'masked' as const, bytes: 2 ** 40 }));
    const want: DataHeader = {
      kind: 'want',
      transfer: 0,
      digests,
      partial,
      forms: ['dense', 'masked'],
      credit: 1,
    };
    const frame = encodeData(want);
    expect(frame.byteLength).toBeLessThan(PROTOCOL_LIMITS.maxHeaderBytes);
    expect(decodeData(frame).header).toEqual(want);
  });

  it.each([
    ['an unknown kind', { kind: 'nonsense', transfer: 1 }, 'PROTOCOL_KIND'],
    ['a kind that every object has', { kind: 'toString', transfer: 1 }, 'PROTOCOL_KIND'],
    ['a digest that is a path', { ...chunk(), digest: '../../x' }, 'PROTOCOL_BODY'],
    ['a negative offset', { ...chunk(), offset: -1 }, 'PROTOCOL_BODY'],
    ['a shape of nine axes', { ...chunk(), shape: new Array(9).fill(1) }, 'PROTOCOL_BODY'],
    ['more credit than the window', { kind: 'credit', transfer: 1, bytes: 2 ** 30 }, 'PROTOCOL_BODY'],
    ['a dtype that we do not have', { ...chunk(), dtype: 'float64' }, 'PROTOCOL_BODY'],
  ])('with %s are refused', (_name, header, code) => {
    expect(codeOf(() => decodeData(encodeData(header as unknown as DataHeader)))).toBe(code);
  });

  it.each([
    ['no array', Uint8Array.from([0x81, 0xa1, 0x61, 0x01])],
    ['an array of three', Uint8Array.from([0x93, 0x80, 0xc0, 0xc0])],
    ['a header only', Uint8Array.from([0x92, 0x80])],
    [
      'bytes that declare more than follows',
      Uint8Array.from([0x92, 0x80, 0xc6, 0xff, 0xff, 0xff, 0xff, 0x00]),
    ],
    ['bytes that declare less than follows', Uint8Array.from([0x92, 0x80, 0xc6, 0, 0, 0, 0, 1, 2])],
    ['a depth bomb in the header', new Uint8Array(50_000).fill(0x92)],
    ['bytes that are not aligned', Uint8Array.from([0x92, ...pack(chunk()), 0xc6, 0, 0, 0, 0])],
  ])('that are %s are refused', (_name, frame) => {
    expect(codeOf(() => decodeData(frame))).toBe('PROTOCOL_FRAME');
  });

  it('that are random, or valid ones with a byte changed, throw only errors of this protocol', () => {
    const good = encodeData(chunk(), bytes);
    const check = (frame: Uint8Array): void => {
      const code = codeOf(() => decodeData(frame));
      expect(code === undefined || code in protocolErrorTable).toBe(true);
    };
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) =>
        check(good.map((b, i) => (i === at ? byte : b))),
      ),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => check(Uint8Array.from([0x92, ...tail]))),
      {
        numRuns: 1000,
      },
    );
  });

  it('are each described in the README', () => {
    const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');
    for (const kind of Object.keys(DATA_HEADERS)) expect(readme).toContain(`\`${kind}\``);
  });
});
