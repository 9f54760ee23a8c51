import { Random } from '@espalier/base';
import { encodeArtifact, shareWeights, type ArtifactTensor } from '@espalier/encoding';
import { networkByName, parametersOf } from '@espalier/models';
import { sizeOf } from '@espalier/tensor';

const KEPT = 0.08;
const LEVELS = 16;

/** The file of a LeNet-300-100 with random weights of which 8 % are kept: as long to run as a trained one. */
export function exampleFile(): Uint8Array {
  const network = networkByName('lenet-300-100');
  const random = new Random(5, network.name);
  const tensors = parametersOf(network).map(({ name, shape, role }): ArtifactTensor => {
    const kept = (): boolean => role !== 'kernel' || random.uniform() < KEPT;
    const values = Float32Array.from({ length: sizeOf(shape) }, () => (kept() ? random.normal() : 0));
    if (role !== 'kernel') return { kind: 'dense', name, shape, values };
    return { kind: 'shared', name, shape, ...shareWeights(values, { levels: LEVELS }) };
  });
  return encodeArtifact({ network, tensors }).bytes;
}
