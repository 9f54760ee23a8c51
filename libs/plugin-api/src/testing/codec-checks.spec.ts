import type { CodecDefinition, DecodeInput } from '../codec';
import { failedChecks, problemsOf } from './failed-checks';

/** The plain bytes, with a length check. */
const RAW: CodecDefinition = {
  lossless: true,
  encode: ({ values }) => new Uint8Array(values.slice().buffer),
  decode: ({ bytes, shape }) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (bytes.length !== 4 * size) throw new Error(`needs ${4 * size} bytes`);
    const values = new Float32Array(bytes.slice().buffer);
    if (!values.every(Number.isFinite)) throw new Error('holds a value that is not finite');
    return values;
  },
};

const failedBy = (change: Partial<CodecDefinition>): Promise<string[]> =>
  failedChecks({ codecs: { tried: { ...RAW, ...change } } });

const TRIP = 'decodes what it encoded to as many finite values';
const HOSTILE = 'refuses damaged bytes with an error, or decodes them to finite values';
const ANYWHERE = 'decodes the same bytes to the same values, in any order and anywhere in memory';

describe('checks of a codec', () => {
  it('pass for the plain bytes, and for a coarser copy that does not claim to be lossless', async () => {
    expect(await failedBy({})).toEqual([]);
    const coarse: CodecDefinition['encode'] = ({ values }) =>
      new Uint8Array(values.map((v) => Math.round(v)).buffer);
    expect(await failedBy({ lossless: false, encode: coarse })).toEqual([]);
    expect(await failedBy({ encode: coarse })).toEqual([TRIP]);
  });

  it('find damage that is passed on', async () => {
    const decode = ({ bytes }: DecodeInput): Float32Array =>
      new Float32Array(bytes.slice().buffer, 0, bytes.length >> 2);
    expect(await failedBy({ decode })).toEqual([HOSTILE]);
  });

  it('find bytes that are taken from where they do not begin', async () => {
    const decode = (input: DecodeInput): Float32Array => {
      void RAW.decode(input as never);
      return new Float32Array(input.bytes.buffer.slice(0, input.bytes.length));
    };
    expect(await failedBy({ decode })).toContain(ANYWHERE);
  });

  it('find a decoder that needs what the encoder remembers', async () => {
    let last = new Float32Array(0);
    const failed = await failedBy({
      encode: ({ values }) => {
        last = values.slice();
        return new Uint8Array(1);
      },
      decode: () => last.slice(),
    });
    expect(failed).toContain(ANYWHERE);
  });

  it('find values that were changed, and bytes that differ from call to call', async () => {
    let calls = 0;
    const stamped = await failedBy({
      encode: ({ values }) => new Uint8Array([...new Uint8Array(values.slice().buffer), calls++ & 255]),
      decode: (input) => RAW.decode({ ...input, bytes: input.bytes.slice(0, -1) } as never),
    });
    expect(stamped).toContain('encodes the same tensor to the same bytes, and leaves it as it was');
  });

  it('find a promise that never settles', async () => {
    const problems = await problemsOf({
      codecs: { tried: { ...RAW, decode: () => new Promise(() => undefined) } },
    });
    expect(problems[0]).toContain('there was no answer within 0.2 s');
  });
});
