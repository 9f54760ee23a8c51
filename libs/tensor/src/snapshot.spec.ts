import { sha256 } from './digest';
import { Mask } from './mask';
import { isParameterName, manifestBytes, manifestOf, requireTensor, type Snapshot } from './snapshot';
import { float32, type Tensor } from './tensor';

const kernel = float32([2, 2], Float32Array.of(1, 0, -2, 0.5));
const mask = Mask.fromFlags([2, 2], [1, 0, 1, 1]).toTensor();

function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  const tensors = new Map<string, Tensor>([
    ['fc1/kernel:mask', mask],
    ['fc1/kernel', kernel],
  ]);
  return { network: { name: 'n', layers: [] }, tensors, info: { step: 7 }, ...change };
}

function idOf(value: Snapshot): string {
  return sha256(manifestBytes(manifestOf(value, sha256)));
}

describe('manifestOf', () => {
  it('lists tensors by name with the digest of their dense bytes', () => {
    expect(manifestOf(snapshot(), sha256)).toEqual({
      version: 1,
      network: { name: 'n', layers: [] },
      tensors: [
        {
          name: 'fc1/kernel',
          dtype: 'float32',
          shape: [2, 2],
          digest: sha256(Buffer.from('0000803f00000000000000c00000003f', 'hex')),
        },
        { name: 'fc1/kernel:mask', dtype: 'bit', shape: [2, 2], digest: sha256(Uint8Array.of(0x0d)) },
      ],
      info: { step: 7 },
    });
  });
});

describe('the id of a snapshot, the digest of manifestBytes', () => {
  it('is the same for ever', () => {
    expect(idOf(snapshot())).toBe('944ac9b2a6cc6cca376712ab197d3aefde8dcb5864eb9a3e4b793c7a07d09992');
  });

  it('does not depend on the order of tensors or keys, nor on fields that are undefined', () => {
    const id = idOf(snapshot());
    expect(idOf(snapshot({ tensors: new Map([...snapshot().tensors].reverse()) }))).toBe(id);
    expect(idOf(snapshot({ network: { layers: [], name: 'n' }, info: { step: 7, best: undefined } }))).toBe(
      id,
    );
  });

  it('depends on every bit, name, shape, the network and the info', () => {
    const other = [
      snapshot(),
      snapshot({ info: { step: 8 } }),
      snapshot({ network: {} }),
      snapshot({ tensors: new Map([['fc1/kernel', kernel]]) }),
      snapshot({ tensors: new Map([['fc2/kernel', kernel]]) }),
      snapshot({ tensors: new Map([['fc1/kernel', { ...kernel, shape: [4] }]]) }),
      snapshot({ tensors: new Map([['fc1/kernel', float32([2, 2], Float32Array.of(1, -0, -2, 0.5))]]) }),
    ];
    expect(new Set(other.map(idOf)).size).toBe(other.length);
  });
});

describe('requireTensor', () => {
  it('gives the tensor, or says what there is', () => {
    expect(requireTensor(snapshot(), 'fc1/kernel')).toBe(kernel);
    expect(() => requireTensor(snapshot(), 'fc2/kernel')).toThrow(
      'the snapshot has no tensor "fc2/kernel"; it has fc1/kernel:mask, fc1/kernel.',
    );
    expect(() => requireTensor(snapshot({ tensors: new Map() }), 'a')).toThrow('it has none');
  });
});

describe('isParameterName', () => {
  it('tells parameters from what belongs to them', () => {
    expect(['fc1/kernel', 'bn1/gamma'].every(isParameterName)).toBe(true);
    expect(['fc1/kernel:mask', 'fc1/kernel:m'].some(isParameterName)).toBe(false);
  });
});

describe('sha256', () => {
  it('is the published digest of nothing', () => {
    expect(sha256(new Uint8Array(0))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });
});
