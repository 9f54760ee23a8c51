/** Tensors that a plugin's codec writes into the artifact, and reads out of it. */
import { pluginTensorsOf, type DecodedByPlugins, type PluginTensor } from '@espalier/encoding';
import type { Codec, ContributionRef, OptionValue, PluginPin } from '@espalier/plugin-api';
import { sizeOf, type Shape } from '@espalier/tensor';
import { stagesError } from './errors';

export interface PlainTensor {
  readonly name: string;
  readonly shape: Shape;
  /** Row-major; removed weights are +0. */
  readonly values: Float32Array;
}

/** @throws STAGE_CODEC when what it decodes is no such tensor, or has a removed weight again */
export async function codedByPlugin(
  { name, shape, values }: PlainTensor,
  codec: Codec,
  { name: codecName, plugin }: ContributionRef,
): Promise<PluginTensor> {
  const { name: packageName, version, digest } = plugin as PluginPin;
  const bytes = (await codec.encode({ name, shape, values: values.slice() })).slice();
  const decoded = plusZero(await codec.decode({ name, shape, bytes: bytes.slice() }));
  const wrong = (problem: string): Error =>
    stagesError('STAGE_CODEC', { codec: codecName, layer: name, shape: JSON.stringify(shape), problem });
  if (decoded.length !== values.length) throw wrong(`it gives ${decoded.length} values`);
  for (let i = 0; i < decoded.length; i++) {
    if (!Number.isFinite(decoded[i])) throw wrong(`weight ${i} is ${decoded[i]}`);
    if (values[i] === 0 && decoded[i] !== 0) throw wrong(`the removed weight ${i} is ${decoded[i]}`);
  }
  const options = codec.options as Readonly<Record<string, OptionValue>>;
  return {
    kind: 'plugin',
    name,
    shape,
    codec: { plugin: packageName, version, digest, codec: codecName, options },
    bytes,
    values: decoded,
  };
}

/**
 * What plugins make of a file's tensors, for `decodeArtifact`: empty for a file that has none of theirs.
 * @param codecOf finds the codec; without one the tensor is left out, and `decodeArtifact` says whose it is
 * @throws ARTIFACT_*, and what a codec throws
 */
export async function decodePluginTensors(
  artifact: Uint8Array,
  codecOf: (
    reference: ContributionRef & { readonly plugin: PluginPin },
  ) => Promise<Pick<Codec, 'decode'> | undefined>,
): Promise<DecodedByPlugins> {
  const decoded = new Map<string, Float32Array>();
  for (const { name, shape, codec, bytes } of pluginTensorsOf(artifact)) {
    const { plugin, version, digest, codec: codecName, options } = codec;
    const reference = { name: codecName, options, plugin: { name: plugin, version, digest } };
    const found = await codecOf(reference);
    if (!found) continue;
    const values = await found.decode({ name, shape, bytes: bytes.slice() });
    // What is wrong with them, the file's checksum says.
    decoded.set(name, values.length === sizeOf(shape) ? plusZero(values) : values);
  }
  return decoded;
}

/** A removed weight is +0. */
function plusZero(values: Float32Array): Float32Array {
  return values.map((value) => (value === 0 ? 0 : value));
}
