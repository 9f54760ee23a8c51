/** Who reads whom: what pruning needs to take a unit out of a network without changing the rest. */
import { suggestion } from '@espalier/base';
import type { Shape } from '@espalier/tensor';
import { networkError } from './errors';
import { INPUT, type Conv2dLayer, type DenseLayer, type LayerSpec, type NetworkSpec } from './network';
import { inferShapes } from './shapes';

/** A layer that has a kernel. */
export type KernelLayer = DenseLayer | Conv2dLayer;

/** A kernel that reads the units of another one. */
export interface UnitReader {
  readonly layer: KernelLayer;
  /** The layers between, in order: relu, pooling, flatten, dropout, batch norm. */
  readonly through: readonly LayerSpec[];
  /**
   * Positions of each unit in the reader's input axis: 1, or height * width behind a flatten. Unit u stands at
   * p * units + u for p in [0, positions).
   */
  readonly positions: number;
}

/** Where the output units (columns or filters) of one kernel go. */
export interface UnitChain {
  readonly layer: KernelLayer;
  readonly units: number;
  readonly readers: readonly UnitReader[];
  /** Set when units must not be removed: the layer that stands in the way, and why. */
  readonly blockedBy?: { readonly layer: string; readonly reason: string };
}

/** The layers that read each layer's output, and the network's `input`. */
export function consumersOf(network: NetworkSpec): Map<string, readonly LayerSpec[]> {
  const consumers = new Map<string, LayerSpec[]>([[INPUT, []]]);
  for (const layer of network.layers) {
    consumers.set(layer.name, []);
    for (const input of new Set(layer.inputs)) consumers.get(input)?.push(layer);
  }
  return consumers;
}

/** The layer of that name; throws NETWORK_UNKNOWN_LAYER. */
export function requireLayer(network: NetworkSpec, name: string): LayerSpec {
  const layer = network.layers.find((candidate) => candidate.name === name);
  if (layer) return layer;
  const names = network.layers.map((candidate) => candidate.name);
  throw networkError('NETWORK_UNKNOWN_LAYER', {
    network: network.name,
    layer: name,
    suggestion: suggestion(name, names),
  });
}

export function isKernelLayer(layer: LayerSpec): layer is KernelLayer {
  return layer.type === 'dense' || layer.type === 'conv2d';
}

/** The chain behind each kernel of the network, in the order of its layers. */
export function unitChains(network: NetworkSpec): UnitChain[] {
  const consumers = consumersOf(network);
  const shapes = inferShapes(network);
  return network.layers.filter(isKernelLayer).map((layer) => chainOf(layer, consumers, shapes));
}

function chainOf(
  layer: KernelLayer,
  consumers: ReadonlyMap<string, readonly LayerSpec[]>,
  shapes: ReadonlyMap<string, Shape>,
): UnitChain {
  const units = layer.type === 'dense' ? layer.units : layer.filters;
  const readers: UnitReader[] = [];
  let blockedBy: UnitChain['blockedBy'];
  const block = (by: LayerSpec, reason: string): void => {
    blockedBy ??= { layer: by.name, reason };
  };
  if (layer.type === 'conv2d' && layer.groups > 1) block(layer, 'its groups must stay equal in size');

  const walk = (from: LayerSpec, through: readonly LayerSpec[], positions: number): void => {
    const next = consumers.get(from.name) ?? [];
    if (next.length === 0) block(from, 'it is the output of the network');
    for (const reader of next) {
      switch (reader.type) {
        case 'dense':
          readers.push({ layer: reader, through, positions });
          break;
        case 'conv2d':
          if (reader.groups > 1) block(reader, 'its groups must stay equal in size');
          readers.push({ layer: reader, through, positions });
          break;
        case 'localResponseNorm':
          block(reader, 'it reads the neighbours of each channel');
          break;
        case 'add':
        case 'concat':
          block(reader, 'it joins the units with those of another layer');
          break;
        case 'flatten': {
          const shape = shapes.get(from.name) as Shape;
          walk(reader, [...through, reader], shape.length === 3 ? shape[0] * shape[1] : positions);
          break;
        }
        default:
          walk(reader, [...through, reader], positions);
      }
    }
  };
  walk(layer, [], 1);
  return blockedBy === undefined ? { layer, units, readers } : { layer, units, readers, blockedBy };
}
