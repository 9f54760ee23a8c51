/**
 * Co-adaptation (HAN15 section 3.3): after the fully connected layers are pruned, the convolutions are held fixed while
 * the others are retrained, and the other way round.
 */
import { inferShapes, type LayerSpec, type NetworkSpec } from '@espalier/models';

type LayerGroup = 'conv' | 'fc';

export interface FreezingRound {
  /** Names of the layers that are held fixed; none in a network with only one of the groups. */
  readonly frozen: readonly string[];
}

/**
 * Who rests in which of `rounds` rounds: first the convolutions, then the fully connected layers, in turn. A batch norm
 * belongs to the convolutions when it stands on an image.
 */
export function alternatingFreezing(network: NetworkSpec, rounds: number): FreezingRound[] {
  const groups: Record<LayerGroup, string[]> = { conv: [], fc: [] };
  const shapes = inferShapes(network);
  for (const layer of network.layers) {
    const group = groupOf(layer, shapes.get(layer.name)?.length === 3);
    if (group) groups[group].push(layer.name);
  }
  const single = groups.conv.length === 0 || groups.fc.length === 0;
  return Array.from({ length: rounds }, (_, i): FreezingRound => {
    if (single) return { frozen: [] };
    return { frozen: i % 2 === 0 ? groups.conv : groups.fc };
  });
}

function groupOf(layer: LayerSpec, onImage: boolean): LayerGroup | undefined {
  switch (layer.type) {
    case 'conv2d':
      return 'conv';
    case 'dense':
      return 'fc';
    case 'batchNorm':
      return onImage ? 'conv' : 'fc';
    default:
      return undefined;
  }
}
