/**
 * Makes a network smaller by its dead units: the same function in smaller dense shapes (HAN15 section 3.5). The order of hidden
 * units means nothing, so they are put in the order in which they cost the fewest bytes.
 */
import { unitChains, type NetworkSpec } from '@espalier/models';
import { float32, type Mask, type Tensor } from '@espalier/tensor';
import { findDeadUnits, type DeadUnits } from './find-dead-units';
import { takeUnits } from './take-units';

export interface ShrunkNetwork {
  readonly network: NetworkSpec;
  readonly tensors: Map<string, Tensor>;
  readonly masks: Map<string, Mask>;
  /** What became of each layer's units, by layer name. */
  readonly removed: Map<string, DeadUnits>;
  /** For each layer with a kernel, which of its former units the present ones are, in their present order. */
  readonly keptUnits: Map<string, Uint32Array>;
}

/**
 * The network without its dead units, the others sorted by their connections. Its outputs are the same: bit by bit up to the order
 * of additions where units that nothing reads were dropped, to float32 rounding where constants were folded into biases; with batch norm, the same outside
 * training. The network's inputs and outputs stay. Removed weights must be 0 in `tensors` (see `applyMasks`).
 *
 * @param masks by kernel tensor name; those among `tensors` (`NAME:mask`) are shrunk as well
 */
export function foldAndShrink(
  network: NetworkSpec,
  tensors: ReadonlyMap<string, Tensor>,
  masks: ReadonlyMap<string, Mask>,
): ShrunkNetwork {
  const { layers: removed, connections, biases } = findDeadUnits(network, tensors, masks);
  const keptUnits = new Map<string, Uint32Array>();
  for (const { layer, units, blockedBy } of unitChains(network)) {
    const kept = keptOf(units, removed.get(layer.name) as DeadUnits);
    if (!blockedBy) sortByConnections(kept, connections.get(layer.name) as Uint32Array);
    keptUnits.set(layer.name, kept);
  }
  const folded = new Map(tensors);
  for (const [name, bias] of biases) folded.set(name, float32([bias.length], bias, name));
  return { ...takeUnits(network, keptUnits, { tensors: folded, masks }), removed, keptUnits };
}

function keptOf(units: number, { unread, folded }: DeadUnits): Uint32Array {
  const gone = new Set([...unread, ...folded]);
  return Uint32Array.from({ length: units }, (_, unit) => unit).filter((unit) => !gone.has(unit));
}

/**
 * Most connections first, ties by index, in place: neighbours are then alike, and a coder that looks at neighbours guesses
 * better.
 */
function sortByConnections(units: Uint32Array, connections: Uint32Array): void {
  units.sort((a, b) => connections[b] - connections[a] || a - b);
}
