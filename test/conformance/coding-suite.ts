/** What every coding of a tensor promises, seen from the artifact: through encodeArtifact and decodeArtifact alone. */
import { errorCode } from '@espalier/base';
import {
  decodeArtifact,
  encodeArtifact,
  inspectArtifact,
  quantiseForArtifact,
  valuesOf,
  type ArtifactTensor,
  type Coding,
} from '@espalier/encoding';
import { checkNetwork } from '@espalier/models';
import fc from 'fast-check';

const network = checkNetwork({ name: 'none', input: [1], layers: [{ type: 'relu' }] });

/** A tensor of any kind, without values that the encoder refuses. */
const shapes = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 })),
  fc.tuple(fc.constant(3), fc.constant(3), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 })),
);
const tensors = fc
  .tuple(shapes, fc.infiniteStream(fc.float({ min: -8, max: 8, noNaN: true })))
  .chain(([shape, stream]): fc.Arbitrary<ArtifactTensor> => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    const of = { name: 'kernel', shape };
    const numbers = (count: number): Float32Array =>
      Float32Array.from({ length: count }, () => stream.next().value as number);
    const precision = fc.constantFrom('float32' as const, 'float16' as const, { bits: 6 });
    const levels = fc.integer({ min: 0, max: 9 }).chain((count) =>
      fc
        .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: count })), {
          minLength: size,
          maxLength: size,
        })
        .map((codes) => ({
          codes: Uint16Array.from(codes),
          codebook: numbers(count),
        })),
    );
    return fc.oneof(
      precision.map((each) => ({ ...of, kind: 'dense' as const, values: numbers(size), precision: each })),
      fc
        .constant(0)
        .map(() => ({ ...of, kind: 'sparse' as const, values: numbers(size).map((v) => (v < 4 ? 0 : v)) })),
      levels.map((each) => ({ ...of, kind: 'shared' as const, ...each })),
    );
  });

export function describeCoding(coding: Coding): void {
  const encode = (tensor: ArtifactTensor) =>
    encodeArtifact({ network, tensors: [tensor], options: { codings: [coding] } });

  /** The samples that the coding carries; of every other it says so by its code. */
  const carried = fc.sample(tensors, { numRuns: 150, seed: 2026 }).filter((tensor) => {
    try {
      return encode(tensor).bytes.length > 0;
    } catch (error) {
      if (errorCode(error) === 'ARTIFACT_CODING') return false;
      throw error;
    }
  });

  describe(`coding ${coding}`, () => {
    it('carries something', () => {
      expect(carried.length).toBeGreaterThan(10);
    });

    it('gives back, bit for bit, the numbers that quantiseForArtifact announced', () => {
      for (const tensor of carried) {
        const { tensors: decoded, shared } = decodeArtifact(encode(tensor).bytes);
        const announced = quantiseForArtifact(tensor);
        expect(bits(decoded.get('kernel')?.data as Float32Array)).toEqual(bits(valuesOf(announced)));
        const { codes } = shared.get('kernel') ?? {};
        if (codes && announced.kind === 'shared') expect(codes).toEqual(announced.codes);
      }
    });

    it('gives the same bytes for the same tensor, and reports as many as there are', () => {
      for (const tensor of carried) {
        const { bytes, tensors: reports, headerBytes } = encode(tensor);
        expect(encode(tensor).bytes).toEqual(bytes);
        expect(reports[0]).toMatchObject({ coding });
        expect(reports[0].bytes + headerBytes).toBe(bytes.length);
      }
    });

    it('can be inspected without decoding', () => {
      for (const tensor of carried) {
        const { bytes } = encode(tensor);
        const summaries = decodeArtifact(bytes).summaries.map(({ kept: _kept, ...rest }) => rest);
        expect(inspectArtifact(bytes).tensors).toEqual(summaries);
        expect(summaries).toMatchObject([{ name: tensor.name, shape: tensor.shape, coding }]);
      }
    });

    it('is refused by one clear error when a byte was changed or the end is missing', () => {
      for (const tensor of carried.slice(0, 20)) {
        const { bytes } = encode(tensor);
        const changed = bytes.slice();
        changed[changed.length - 9] ^= 0x10;
        for (const broken of [changed, bytes.subarray(0, -1)]) {
          expect(() => decodeArtifact(broken)).toThrow(/^ARTIFACT_/);
        }
      }
    });
  });
}

/** -0 and +0 differ. */
function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.slice().buffer);
}
