/** `encode`: the snapshot as one `.espalier` file, each tensor in the shortest coding allowed (DC16 sections 2 to 4). */
import type { JsonValue } from '@espalier/base';
import {
  ArtifactEncoder,
  GAP_BITS,
  paperCoding,
  type ArtifactTensor,
  type Coding,
  type PaperCoding,
  type PluginTensor,
  type Precision,
  type SharedTensor,
} from '@espalier/encoding';
import type { Codec, ContributionRef } from '@espalier/plugin-api';
import { parametersOf, type NetworkSpec, type ParameterSpec } from '@espalier/models';
import { TENSOR_SUFFIXES, asFloat32, requireTensor, type Shape, type Snapshot } from '@espalier/tensor';
import type { EncodeConfig } from '../config';
import { pluginsOf, type StageContext } from '../context';
import { codedByPlugin } from '../plugin-tensors';
import { guard, pluginFacts } from '../scoring';
import type { StageResult, StageSpec } from '../stage';
import type { StoredSnapshot } from '../stored-snapshot';

/** Tensor by tensor: of those that are coded only the streams are in memory. */
export async function runEncode(
  spec: StageSpec,
  start: StoredSnapshot,
  context: StageContext,
): Promise<StageResult> {
  const config = spec.config as unknown as EncodeConfig;
  const network = start.network as unknown as NetworkSpec;
  const encoder = new ArtifactEncoder(network, {
    ...(config.codings && { codings: config.codings as Coding[] }),
    codebook: config.codebook,
  });
  const codec = config.codec && (await openCodec(config.codec, context));
  const paper: JsonValue[] = [];
  for (const parameter of parametersOf(network)) {
    const { name, shape, prunable } = parameter;
    const parts = await start.load(codec && prunable ? [name] : partsOf(name, start.names));
    const tensor =
      codec && prunable
        ? await codec.code({ name, shape, values: asFloat32(requireTensor(parts, name), name) })
        : artifactTensor(parameter, parts, config.biasBits);
    // Heartbeats go out between the steps.
    for (const _step of encoder.steps(tensor)) await new Promise((resolve) => setImmediate(resolve));
    if (tensor.kind === 'shared') paper.push(paperRow(tensor) as unknown as JsonValue);
  }
  const artifact = encoder.finish();
  const digest = await context.store.put(artifact.bytes);
  return {
    outputs: { artifact: { kind: 'blob', digest } },
    metrics: {
      bytes: artifact.bytes.byteLength,
      headerBytes: artifact.headerBytes,
      tensors: artifact.tensors as unknown as JsonValue,
      paper,
      ...(config.codec && { codedBy: { codec: config.codec.name, ...pluginFacts(config.codec) } }),
    },
  };
}

interface OpenCodec {
  code(tensor: { name: string; shape: Shape; values: Float32Array }): Promise<PluginTensor>;
}

/** @throws PLUGIN_FAILED */
async function openCodec(reference: ContributionRef, context: StageContext): Promise<OpenCodec> {
  const codec: Codec = await guard('codec', reference, () => pluginsOf(context).codec(reference));
  return { code: (tensor) => guard('codec', reference, () => codedByPlugin(tensor, codec, reference)) };
}

/** Where there are codes, the values themselves need not be read; codes with signs beside them are for a codec that makes both anew. */
function partsOf(name: string, present: readonly string[]): string[] {
  const { codes, codebook, step, signs } = TENSOR_SUFFIXES;
  return present.includes(name + codes) && !present.includes(name + signs)
    ? [codes, codebook, step].map((suffix) => name + suffix)
    : [name];
}

/** What the coder is given: shared kernels as codes and codebook, other kernels as sparse values, the rest dense. */
function artifactTensor(
  { name, shape, prunable, role }: ParameterSpec,
  snapshot: Snapshot,
  biasBits: number,
): ArtifactTensor {
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
  const values = asFloat32(requireTensor(snapshot, name), name);
  if (prunable) return { name, shape, kind: 'sparse', values };
  const precision = role === 'bias' ? biasPrecision(biasBits) : 'float32';
  return { name, shape, kind: 'dense', values, precision };
}

function biasPrecision(bits: number): Precision {
  if (bits === 32) return 'float32';
  return bits === 16 ? 'float16' : { bits };
}

/** What DC16's own coding makes of the same codes. */
function paperRow(tensor: SharedTensor): { readonly name: string } & PaperCoding {
  const gapBits = tensor.shape.length === 4 ? GAP_BITS.conv : GAP_BITS.dense;
  return { name: tensor.name, ...paperCoding(tensor, gapBits) };
}
