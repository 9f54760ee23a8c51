import { errorCode } from '@espalier/base';
import { decodeViewData, encodeData } from './frame';
import { BUCKET_BYTES, viewBuckets, type ViewHeader } from './view-headers';

const header: ViewHeader<'view.series'> = {
  kind: 'view.series',
  topic: 'series:r1',
  version: 3,
  parts: [
    { name: 'loss', reset: true, from: 0, count: 2, total: 2 },
    { name: 'kept/fc1', reset: false, from: 40, count: 1, total: 41 },
  ],
};
const values = Float64Array.from([10, 20, 1, NaN, 3, NaN, 2, NaN, 7, 0.5, 0.5, 0.5]);
const bytes = new Uint8Array(values.buffer);

/** The frame in memory at `shift` bytes behind a multiple of 8. */
function placedAt(shift: number, frame: Uint8Array): Uint8Array {
  const memory = new Uint8Array(new ArrayBuffer(frame.byteLength + shift), shift);
  memory.set(frame);
  return memory;
}

describe('a view.series', () => {
  it.each([0, 3])('comes as columns of each part, gaps included, at offset %i', (shift) => {
    const received = decodeViewData(placedAt(shift, encodeData(header, bytes)));
    expect(received.header).toEqual(header);
    const [loss, kept] = viewBuckets(received.header as typeof header, received.bytes);
    expect([loss.x, loss.min, loss.max, loss.last].map((column) => [...column])).toEqual([
      [10, 20],
      [1, NaN],
      [3, NaN],
      [2, NaN],
    ]);
    expect([kept.x, kept.min, kept.max, kept.last].map(([value]) => value)).toEqual([7, 0.5, 0.5, 0.5]);
  });

  it('whose bytes are not those of its parts is refused', () => {
    let code: string | undefined;
    try {
      viewBuckets(header, bytes.subarray(BUCKET_BYTES));
    } catch (error) {
      code = errorCode(error);
    }
    expect(code).toBe('PROTOCOL_BODY');
  });
});

describe("a viewer's connection", () => {
  it.each<ViewHeader>([
    { kind: 'view.state', topic: 'runs', version: 1 },
    { kind: 'view.refused', topic: 'run:r9', code: 'COORDINATOR_NO_RUN', message: 'there is no run "r9"' },
  ])('carries $kind', (sent) => {
    expect(decodeViewData(encodeData(sent, new Uint8Array([91, 93])))).toEqual({
      header: sent,
      bytes: new Uint8Array([91, 93]),
    });
  });

  it('carries no blobs', () => {
    const blob = encodeData({ kind: 'end', transfer: 1 });
    expect(() => decodeViewData(blob)).toThrow('there is no message of kind "end"');
  });
});
