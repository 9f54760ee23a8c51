import { INPUT, inferShapes, type NetworkSpec } from '@espalier/models';
import type { ImageLayout } from '../arithmetic/kernel-view';

/**
 * The image [height, width, channels] whose pixels are the inputs of a dense layer, by `LAYER/kernel`: those dense layers that
 * read, through layers that change no positions (relu, dropout, batch normalisation), from a flatten. Decoders rely on it, so
 * it is part of format version 1.
 */
export function imageLayouts(network: NetworkSpec): ReadonlyMap<string, ImageLayout> {
  const shapes = inferShapes(network);
  const behind = new Map<string, ImageLayout>();
  const layouts = new Map<string, ImageLayout>();
  for (const layer of network.layers) {
    const [source] = layer.inputs;
    const shape = shapes.get(source) ?? [];
    if (layer.type === 'flatten' && shape.length === 3)
      behind.set(layer.name, shape as unknown as ImageLayout);
    const image = behind.get(source);
    if (!image || source === INPUT) continue;
    if (layer.type === 'dense') layouts.set(`${layer.name}/kernel`, image);
    else if (['relu', 'dropout', 'batchNorm'].includes(layer.type)) behind.set(layer.name, image);
  }
  return layouts;
}
