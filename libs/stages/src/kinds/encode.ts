/** `encode`: the snapshot as one `.espalier` file, each tensor in the shortest coding allowed (DC16 sections 2 to 4). */
import type { JsonValue } from '@espalier/base';
import {
  GAP_BITS,
  encodeArtifact,
  paperCoding,
  type ArtifactTensor,
  type Coding,
  type Precision,
} from '@espalier/encoding';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { TENSOR_SUFFIXES, asFloat32, requireTensor, type Snapshot } from '@espalier/tensor';
import type { EncodeConfig } from '../config';
import type { StageContext } from '../context';
import type { StageResult, StageSpec } from '../stage';

export async function runEncode(
  spec: StageSpec,
  start: Snapshot,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as EncodeConfig;
  const network = start.network as unknown as NetworkSpec;
  const tensors = artifactTensors(network, start, config.biasBits);
  const artifact = encodeArtifact({
    network,
    tensors,
    options: { ...(config.codings && { codings: config.codings as Coding[] }), codebook: config.codebook },
  });
  const digest = await context.store.put(artifact.bytes);
  return {
    outputs: { artifact: { kind: 'blob', digest } },
    metrics: {
      bytes: artifact.bytes.byteLength,
      headerBytes: artifact.headerBytes,
      tensors: artifact.tensors as unknown as JsonValue,
      paper: paperTable(tensors) as unknown as JsonValue,
    },
  };
}

/** What the coder is given: shared kernels as codes and codebook, other kernels as sparse values, the rest dense. */
export function artifactTensors(
  network: NetworkSpec,
  snapshot: Snapshot,
  biasBits: number,
): ArtifactTensor[] {
  return parametersOf(network).map(({ name, prunable, role }): ArtifactTensor => {
    const value = requireTensor(snapshot, name);
    const { shape } = value;
    const codes = snapshot.tensors.get(name + TENSOR_SUFFIXES.codes);
    if (codes) {
      const codebook = asFloat32(requireTensor(snapshot, name + TENSOR_SUFFIXES.codebook), name);
      const step = snapshot.tensors.get(name + TENSOR_SUFFIXES.step);
      return {
        name,
        shape,
        kind: 'shared',
        codes: codes.data as Uint16Array,
        codebook,
        ...(step && { step: step.data[0] }),
      };
    }
    const values = asFloat32(value, name);
    if (prunable) return { name, shape, kind: 'sparse', values };
    const precision = role === 'bias' ? biasPrecision(biasBits) : 'float32';
    return { name, shape, kind: 'dense', values, precision };
  });
}

function biasPrecision(bits: number): Precision {
  if (bits === 32) return 'float32';
  return bits === 16 ? 'float16' : { bits };
}

/** What DC16's own coding makes of the same codes, layer by layer. */
function paperTable(tensors: readonly ArtifactTensor[]): unknown[] {
  return tensors.flatMap((tensor) => {
    if (tensor.kind !== 'shared') return [];
    const gapBits = tensor.shape.length === 4 ? GAP_BITS.conv : GAP_BITS.dense;
    return [{ name: tensor.name, ...paperCoding(tensor, gapBits) }];
  });
}
