import { Random, errorCode } from '@espalier/base';
import { checkNetwork, networkByName, parametersOf, type NetworkSpec } from '@espalier/models';
import { crc32 } from '../crc32';
import { quantiseLinearly } from '../quantise-linearly';
import { shareWeights } from '../share-weights';
import { quantiseForArtifact, valuesOf, type ArtifactTensor } from './artifact-tensor';
import { ARTIFACT_VERSION } from './container';
import { decodeArtifact, decodeWeights, inspectArtifact } from './decode-artifact';
import { ArtifactEncoder, encodeArtifact } from './encode-artifact';

const small = checkNetwork({
  name: 'small',
  input: [6, 6, 1],
  layers: [
    { type: 'conv2d', name: 'conv1', filters: 3, kernel: 3 },
    { type: 'batchNorm', name: 'bn1' },
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'fc1', units: 5 },
  ],
});

function gaussian(random: Random, size: number, threshold = 0): Float32Array {
  return Float32Array.from({ length: size }, () => {
    const value = random.normal();
    return Math.abs(value) < threshold ? 0 : value;
  });
}

/** Kernels shared, biases of 5 bits, the rest as it is. */
function prunedTensors(network: NetworkSpec, { threshold = 1.5, levels = 8 } = {}): ArtifactTensor[] {
  const random = new Random(11);
  return parametersOf(network).map(({ name, shape, role }): ArtifactTensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    if (role === 'kernel') {
      return { kind: 'shared', name, shape, ...shareWeights(gaussian(random, size, threshold), { levels }) };
    }
    const values = gaussian(random, size);
    return role === 'bias'
      ? { kind: 'dense', name, shape, values, precision: { bits: 5 } }
      : { kind: 'dense', name, shape, values };
  });
}

const sample = encodeArtifact({ network: small, tensors: prunedTensors(small) });

describe('the artifact', () => {
  it('gives back the network and exactly the numbers that quantiseForArtifact announced', () => {
    const tensors = prunedTensors(small);
    for (const codebook of ['float32', 'float16'] as const) {
      const { bytes } = encodeArtifact({ network: small, tensors, options: { codebook } });
      const decoded = decodeArtifact(bytes);
      expect(decoded.network).toEqual(small);
      expect([...decoded.tensors.keys()]).toEqual(tensors.map(({ name }) => name));
      for (const tensor of tensors) {
        const announced = quantiseForArtifact(tensor, codebook);
        expect(decoded.tensors.get(tensor.name)).toEqual({
          dtype: 'float32',
          shape: tensor.shape,
          data: valuesOf(announced),
        });
        expect(quantiseForArtifact(announced, codebook)).toEqual(announced);
      }
    }
  });

  it('gives back codes and codebook of shared tensors', () => {
    const tensors = prunedTensors(small);
    const decoded = decodeArtifact(encodeArtifact({ network: small, tensors }).bytes);
    const kernel = tensors.find(({ name }) => name === 'fc1/kernel');
    expect(kernel?.kind === 'shared' && decoded.shared.get('fc1/kernel')).toEqual({
      codes: kernel?.kind === 'shared' && kernel.codes,
      codebook: kernel?.kind === 'shared' && kernel.codebook,
    });
  });

  it('carries every kind of tensor in every coding that is allowed', () => {
    const values = gaussian(new Random(4), 48 * 5, 1);
    const kernel = { name: 'fc1/kernel', shape: [48, 5] };
    const linear = quantiseLinearly(values, { bits: 5 });
    const forms: [
      ArtifactTensor,
      readonly ('dense32' | 'huffman-index' | 'arithmetic' | 'sparse32' | 'dense16')[],
    ][] = [
      [
        { kind: 'shared', ...kernel, ...shareWeights(values, { levels: 4 }) },
        ['arithmetic', 'huffman-index', 'dense32'],
      ],
      [{ kind: 'shared', ...kernel, ...linear }, ['arithmetic', 'huffman-index', 'dense32']],
      [{ kind: 'sparse', ...kernel, values }, ['sparse32', 'dense32']],
      [{ kind: 'dense', ...kernel, values, precision: 'float16' }, ['dense16', 'dense32']],
    ];
    for (const [tensor, codings] of forms) {
      for (const coding of codings) {
        const { bytes, tensors } = encodeArtifact({
          network: small,
          tensors: [tensor],
          options: { codings: [coding] },
        });
        expect(tensors[0]).toMatchObject({ name: 'fc1/kernel', coding });
        const back = decodeArtifact(bytes).tensors.get('fc1/kernel');
        expect(back?.data).toEqual(valuesOf(quantiseForArtifact(tensor)));
      }
    }
  });

  it('takes the shortest coding, and only those that are allowed', () => {
    const chosen = encodeArtifact({ network: small, tensors: prunedTensors(small) });
    for (const coding of ['huffman-index', 'dense32'] as const) {
      const options = { codings: [coding, 'multiples', 'dense32'] } as const;
      const forced = encodeArtifact({ network: small, tensors: prunedTensors(small), options });
      forced.tensors.forEach(({ bytes }, i) => expect(chosen.tensors[i].bytes).toBeLessThanOrEqual(bytes));
    }
    const [tensor] = prunedTensors(small);
    expect(() =>
      encodeArtifact({ network: small, tensors: [tensor], options: { codings: ['dense16'] } }),
    ).toThrow(/ARTIFACT_CODING.*conv1\/kernel/);
  });

  it('spends less than 60 bytes on everything but the streams of the LeNets', () => {
    for (const name of ['lenet-300-100', 'lenet-5']) {
      const network = networkByName(name);
      const { headerBytes, bytes, tensors } = encodeArtifact({
        network,
        tensors: prunedTensors(network, { threshold: 3 }),
        options: { codings: ['huffman-index', 'multiples'] },
      });
      expect(headerBytes).toBeLessThan(60);
      expect(tensors.reduce((sum, tensor) => sum + tensor.bytes, headerBytes)).toBe(bytes.length);
    }
  });

  it('carries tensors that are empty, all removed, without axes, or not of the network', () => {
    const tensors: ArtifactTensor[] = [
      { kind: 'shared', name: 'a', shape: [0, 5], codes: new Uint16Array(0), codebook: Float32Array.of(1) },
      {
        kind: 'shared',
        name: 'b',
        shape: [30, 5],
        codes: new Uint16Array(150),
        codebook: Float32Array.of(1, 2),
      },
      { kind: 'sparse', name: 'c', shape: [4, 0], values: new Float32Array(0) },
      { kind: 'dense', name: 'd', shape: [], values: Float32Array.of(-0) },
      { kind: 'dense', name: 'e', shape: [3], values: new Float32Array(3), precision: { bits: 8 } },
    ];
    const { bytes } = encodeArtifact({ network: small, tensors });
    const decoded = decodeArtifact(bytes);
    for (const tensor of tensors) expect(decoded.tensors.get(tensor.name)?.shape).toEqual(tensor.shape);
    expect(Object.is(decoded.tensors.get('d')?.data[0], 0)).toBe(true);
    expect(decoded.tensors.get('b')?.data.every((value) => value === 0)).toBe(true);
  });

  it('says sizes, codings and levels without decoding the weights', () => {
    const { version, tensors, headerBytes, totalBytes } = inspectArtifact(sample.bytes);
    expect({ version, headerBytes, totalBytes }).toEqual({
      version: 4,
      headerBytes: sample.headerBytes,
      totalBytes: sample.bytes.length,
    });
    expect(tensors.map(({ name, coding, bytes, levels }) => ({ name, coding, bytes, levels }))).toEqual(
      sample.tensors.map(({ name, coding, bytes, levels }) => ({
        name,
        coding,
        bytes,
        levels: coding === 'arithmetic' || coding === 'huffman-index' ? levels : 0,
      })),
    );
  });

  it('gives the same bytes for the same input', () => {
    expect(encodeArtifact({ network: small, tensors: prunedTensors(small) }).bytes).toEqual(sample.bytes);
  });

  it('has the same weights, whichever tensor is encoded first, and is no shorter than in the order of the network', () => {
    const encoder = new ArtifactEncoder(small);
    for (const tensor of prunedTensors(small).toReversed()) encoder.add(tensor);
    const { bytes } = encoder.finish();
    expect([...decodeArtifact(bytes).tensors]).toEqual([...decodeArtifact(sample.bytes).tensors]);
    expect(bytes.length).toBeGreaterThanOrEqual(sample.bytes.length);
  });

  it('takes floats as they are where nothing else is shorter, and then alone', () => {
    const values = gaussian(new Random(2), 45);
    const shape = [9, 5];
    const tensors: ArtifactTensor[] = [{ kind: 'sparse', name: 'fc1/kernel', shape, values }];
    expect(encodeArtifact({ network: small, tensors }).tensors[0]).toMatchObject({
      coding: 'dense32',
      bytes: 180,
    });
  });

  it('gives the weights alone as it gives them beside their codes', () => {
    const { network, tensors } = decodeArtifact(sample.bytes);
    const alone = decodeWeights(sample.bytes);
    expect([alone.network, [...alone.tensors]]).toEqual([network, [...tensors]]);
  });

  it('refuses tensors that are there twice, of the wrong size, or not finite', () => {
    const dense = { kind: 'dense', name: 'x', shape: [2] } as const;
    const values = Float32Array.of(1, 2);
    const encode = (...tensors: ArtifactTensor[]) => encodeArtifact({ network: small, tensors });
    expect(() => encode({ ...dense, values }, { ...dense, values })).toThrow(/ARTIFACT_INPUT.*twice/);
    expect(() => encode({ ...dense, values: Float32Array.of(1) })).toThrow(/ENCODING_SIZE/);
    expect(() => encode({ ...dense, values: Float32Array.of(1, NaN) })).toThrow(/NOT_FINITE/);
    expect(() => encode({ ...dense, values: Float32Array.of(1, 1e6), precision: 'float16' })).toThrow(
      /float16/,
    );
  });
});

describe('hostile artifacts', () => {
  const refusal = (bytes: Uint8Array): string => {
    try {
      decodeArtifact(bytes, { maxElements: 100_000 });
      return 'accepted';
    } catch (error) {
      return errorCode(error) ?? `no code: ${String(error)}`;
    }
  };
  /** With its checksum put right, so that the checks behind it are reached. */
  const resigned = (bytes: Uint8Array): Uint8Array => {
    new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes.subarray(0, bytes.length - 4)), true);
    return bytes;
  };

  it('every truncation is refused', () => {
    for (let length = 0; length < sample.bytes.length; length++) {
      expect(refusal(sample.bytes.slice(0, length))).toMatch(/^ARTIFACT_(TRUNCATED|CHECKSUM)$/);
    }
  });

  it('every flipped bit is refused', () => {
    for (let bit = 0; bit < sample.bytes.length * 8; bit++) {
      const flipped = sample.bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(refusal(flipped)).toMatch(/^ARTIFACT_(MAGIC|VERSION|CHECKSUM)$/);
    }
  });

  it('bytes behind the end are refused', () => {
    expect(refusal(resigned(Uint8Array.of(...sample.bytes, 0)))).toMatch(/^ARTIFACT_HEADER$/);
  });

  it('a file whose checksum was forged gives an error of its own or numbers, never anything else', () => {
    const random = new Random(99);
    for (let i = 0; i < 600; i++) {
      const forged = sample.bytes.slice();
      const changes = 1 + random.below(3);
      for (let k = 0; k < changes; k++) forged[5 + random.below(forged.length - 9)] = random.below(256);
      expect(refusal(resigned(forged))).toMatch(/^(accepted|ARTIFACT_[A-Z]+)$/);
    }
  });

  it('random bytes behind a good start are refused or decoded, never anything else', () => {
    const random = new Random(7);
    for (let i = 0; i < 400; i++) {
      const bytes = Uint8Array.from({ length: 12 + random.below(200) }, () => random.below(256));
      bytes.set(sample.bytes.subarray(0, 5));
      bytes[5] = random.below(bytes.length);
      expect(refusal(resigned(bytes))).toMatch(/^(accepted|ARTIFACT_[A-Z]+)$/);
    }
  });

  it('other files and newer versions are named as such', () => {
    expect(refusal(new TextEncoder().encode('{"hello": "world"}'))).toBe('ARTIFACT_MAGIC');
    const newer = sample.bytes.slice();
    newer[4] = ARTIFACT_VERSION + 1;
    expect(() => decodeArtifact(newer)).toThrow(/ARTIFACT_VERSION.*version 5.*up to 4/);
  });

  it('a file that declares more than the limit is refused before anything is allocated', () => {
    expect(() => decodeArtifact(sample.bytes, { maxElements: 100 })).toThrow(/ARTIFACT_LIMIT.*limit of 100/);
  });
});
