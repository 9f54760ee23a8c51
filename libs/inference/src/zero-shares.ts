/** How many of a layer's inputs are zero: kernels that pass over those are measured accordingly. */
import { INPUT, isKernelLayer, requireLayer, type NetworkSpec } from '@espalier/models';
import { sizeOf } from '@espalier/tensor';
import { buildProgram } from './program';
import type { Parameters } from './source';
import type { WasmPlatform } from './wasm/platform';

/** Where no sample says more: about so many values are zero behind a ReLU, and of an input. */
const USUAL_SHARE = 0.5;

/** Of a sample, at most so many count. */
const MAX_SAMPLES = 8;

export interface ZeroShareOptions {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
  /** Typical inputs [any, ...input]. */
  readonly sample?: Float32Array;
}

/** From 0 to 1, by the name of a layer with weights. */
export async function zeroShares(
  platform: WasmPlatform,
  { network, parameters, sample }: ZeroShareOptions,
): Promise<(layer: string) => number> {
  if (sample === undefined) return (layer) => expectedShare(network, requireLayer(network, layer).inputs[0]);
  const kernels = () => ({ single: 'sparse', batch: 'sparse' }) as const;
  const program = await buildProgram(platform, { network, parameters, passes: [1], kernels });
  const size = sizeOf(network.input);
  const samples = Math.min(MAX_SAMPLES, sample.length / size);
  const sums = new Map<string, number>();
  for (let i = 0; i < samples; i++) {
    program.run(sample.subarray(i * size, (i + 1) * size), 1);
    for (const layer of network.layers.filter(isKernelLayer)) {
      sums.set(layer.name, (sums.get(layer.name) ?? 0) + program.zeroShare(layer.name) / samples);
    }
  }
  return (layer) => sums.get(layer) as number;
}

/** What a layer gives, by what it is: a ReLU leaves zeros, sums of weighted inputs are none. */
function expectedShare(network: NetworkSpec, name: string): number {
  if (name === INPUT) return USUAL_SHARE;
  const layer = requireLayer(network, name);
  if (layer.type === 'relu') return USUAL_SHARE;
  if (isKernelLayer(layer) || layer.type === 'batchNorm') return 0;
  return Math.min(...layer.inputs.map((input) => expectedShare(network, input)));
}
