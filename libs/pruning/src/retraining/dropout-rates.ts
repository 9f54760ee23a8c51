/**
 * Dropout after pruning (HAN15 section 3.2, equation 2): D_r = D_o * sqrt(C_ir / C_io). A layer that lost connections has
 * less to overfit with, so it needs less dropout.
 */
import { parametersOf, type LayerSpec, type NetworkSpec } from '@espalier/models';
import { sizeOf } from '@espalier/tensor';

/**
 * The rate of each dropout layer while a pruned network is retrained. C_i are the connections into the units that are
 * dropped: the kernels nearest before the dropout layer (several behind an add or concat). Dropout on the network's
 * input stays as it is.
 *
 * @param network the network before pruning, with the original rates D_o
 * @param kept weights kept by kernel tensor, e.g. `fc1/kernel`; a kernel that is not there counts as dense
 */
export function dropoutRates(network: NetworkSpec, kept: ReadonlyMap<string, number>): Map<string, number> {
  const layers = new Map(network.layers.map((layer) => [layer.name, layer]));
  const kernels = new Map(
    parametersOf(network).flatMap((p) =>
      p.role === 'kernel' ? [[p.layer, { ...p, size: sizeOf(p.shape) }]] : [],
    ),
  );
  const rates = new Map<string, number>();
  for (const layer of network.layers) {
    if (layer.type !== 'dropout') continue;
    let before = 0;
    let after = 0;
    for (const source of kernelsBefore(layer, layers)) {
      const { name, size } = kernels.get(source) as { readonly name: string; readonly size: number };
      before += size;
      after += kept.get(name) ?? size;
    }
    rates.set(layer.name, before === 0 ? layer.rate : layer.rate * Math.sqrt(after / before));
  }
  return rates;
}

/** The nearest layers with a kernel on every path back from `layer`. */
function kernelsBefore(layer: LayerSpec, layers: ReadonlyMap<string, LayerSpec>): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const queue = [...layer.inputs];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const source = layers.get(name);
    if (!source || seen.has(name)) continue;
    seen.add(name);
    if (source.type === 'dense' || source.type === 'conv2d') found.add(name);
    else queue.push(...source.inputs);
  }
  return found;
}
