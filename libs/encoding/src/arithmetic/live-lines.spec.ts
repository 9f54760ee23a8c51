import { SECOND_MODEL } from './coder-model';
import { kernelView } from './kernel-view';
import { codeLiveLines } from './live-lines';
import { RangeDecoder, RangeEncoder } from './range-coder';

/** 300 rows of two outputs, of which every third is dead, as is what feeds it. */
const view = kernelView([300, 2]);
const codes = Uint16Array.from({ length: 600 }, (_, i) => ((i >> 1) % 3 === 0 ? 0 : 1));
const energies = Float64Array.from({ length: 300 }, (_, row) => (row % 3 === 0 ? 0 : 2 + (row % 5)));
const model = SECOND_MODEL;

function coded(known?: Float64Array): Uint8Array {
  const coder = new RangeEncoder();
  codeLiveLines(coder, { view, model, ...(known && { energies: known }) }, codes);
  return coder.finish();
}

describe('live lines', () => {
  it('are the same again, with and without what feeds them, and shorter with it', () => {
    for (const known of [undefined, energies]) {
      const frame = { view, model, ...(known && { energies: known }) };
      const { rows, outputs } = codeLiveLines(new RangeDecoder(coded(known)), frame);
      expect([...rows]).toEqual([...energies.keys()].filter((row) => row % 3 !== 0));
      expect([...outputs]).toEqual([0, 1]);
    }
    expect(coded(energies).length).toBeLessThan(coded().length / 2);
  });

  it('do not lean on what was not there when they were encoded', () => {
    const { rows } = codeLiveLines(new RangeDecoder(coded()), { view, model, energies });
    expect(rows).toHaveLength(200);
  });

  it('are refused where what they lean on is missing', () => {
    expect(() => codeLiveLines(new RangeDecoder(coded(energies)), { view, model })).toThrow(
      expect.objectContaining({ code: 'ENCODING_STREAM' }),
    );
  });
});
