/** `encode`: the snapshot as one `.espalier` file, each tensor in the shortest coding allowed (DC16 sections 2 to 4). */
import type { JsonValue } from '@espalier/base';
import { encodeArtifact, paperCoding, type ArtifactTensor } from '@espalier/encoding';
import { INPUT, inferShapes, parametersOf, requireLayer, type NetworkSpec } from '@espalier/models';
import { TENSOR_SUFFIXES, asFloat32, requireTensor, type Shape, type Snapshot } from '@espalier/tensor';
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
  const tensors = artifactTensors(network, start);
  const artifact = encodeArtifact({ network, tensors, options: config });
  const digest = await context.store.put(artifact.bytes);
  return {
    outputs: { artifact: { kind: 'blob', digest } },
    metrics: {
      bytes: artifact.bytes.byteLength,
      headerBytes: artifact.headerBytes,
      tensors: artifact.tensors as unknown as JsonValue,
      paper: paperCoding(tensors) as unknown as JsonValue,
    },
  };
}

/** What the coder is given: shared kernels as codes and codebook, other kernels as sparse values, the rest dense. */
export function artifactTensors(network: NetworkSpec, snapshot: Snapshot): ArtifactTensor[] {
  return parametersOf(network).map(({ name, layer, prunable }) => {
    const value = requireTensor(snapshot, name);
    const { shape } = value;
    const codes = snapshot.tensors.get(name + TENSOR_SUFFIXES.codes);
    const image = prunable ? imageBehind(network, layer) : undefined;
    const layout = image ? { layout: { image } } : {};
    if (codes) {
      const codebook = requireTensor(snapshot, name + TENSOR_SUFFIXES.codebook);
      return {
        name,
        shape,
        kind: 'shared',
        codes: codes.data as Uint16Array,
        codebook: asFloat32(codebook, name),
        ...layout,
      };
    }
    const values = asFloat32(value, name);
    return prunable
      ? { name, shape, kind: 'sparse', values, ...layout }
      : { name, shape, kind: 'dense', values };
  });
}

/** [h, w, c] when the layer reads an image row by row, through a flatten: rows of its kernel are then pixels. */
function imageBehind(network: NetworkSpec, name: string): readonly [number, number, number] | undefined {
  const shapes = inferShapes(network);
  const layer = requireLayer(network, name);
  if (layer.type !== 'dense') return undefined;
  let source = layer.inputs[0];
  while (source !== INPUT) {
    const { type, inputs } = requireLayer(network, source);
    if (type === 'flatten') {
      const shape = shapes.get(inputs[0]) as Shape;
      return shape.length === 3 ? [shape[0], shape[1], shape[2]] : undefined;
    }
    if (type !== 'dropout' && type !== 'relu') return undefined;
    source = inputs[0];
  }
  return undefined;
}
