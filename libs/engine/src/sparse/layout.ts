/** A network laid out in the kernels' memory for batches of one size and for its masks. */
import { assertNever } from '@espalier/base';
import { inferShapes, type LayerSpec, type NetworkSpec } from '@espalier/models';
import type { Shape } from '@espalier/tensor';
import { Arena } from './arena';
import {
  copy,
  dropoutStep,
  flattenStep,
  poolStep,
  reluStep,
  weightedStep,
  type Extents,
  type Held,
  type LayerStep,
  type Planes,
  type StepContext,
  type Trained,
} from './layer-steps';
import { FLOAT_BYTES, TILE_SAMPLES } from './memory-map';
import { makePlane, packedPlane, planeLike, type Border, type Extent, type Plane } from './plane';
import { isWeighted, paddingBefore, type ChainLayer } from './support';

export interface Layout {
  readonly arena: Arena;
  /** Into which the batch is divided. */
  readonly parts: number;
  /** [part][features, rounded up to four][samples]: where the batch is put. */
  readonly input: Plane;
  readonly logits: Plane;
  readonly logitsGradient: Plane;
  readonly steps: readonly LayerStep[];
  readonly held: readonly Held[];
}

export interface LayoutOptions {
  readonly network: NetworkSpec;
  readonly batchSize: number;
  /** How many the optimizer has for each parameter. */
  readonly slots: number;
  readonly frozen: ReadonlySet<string>;
  /** Rates by layer. */
  readonly dropout: ReadonlyMap<string, number>;
  /** By the name of the kernel: not 0 for what is kept; where there is none, all weights are. */
  readonly masks: ReadonlyMap<string, Float32Array | Int32Array>;
  /** By the name of a kernel that is shared. */
  readonly shared: ReadonlyMap<string, Exclude<Trained, 'weights'>>;
}

/** Features are brought in four at a time. */
const LANES = 4;

interface Place extends Extents {
  readonly layer: ChainLayer;
  /** Is anything before it trained, so that the gradient must go on? */
  readonly goesOn: boolean;
}

/** Of a network that `unsupported` has nothing to say against. */
export function layOut(options: LayoutOptions): Layout {
  const { network, batchSize } = options;
  const arena = new Arena();
  const parts = Math.ceil(batchSize / TILE_SAMPLES);
  const held: Held[] = [];
  const context: StepContext = {
    arena,
    parts,
    hold(name, kept) {
      const trained = options.shared.get(name) ?? 'weights';
      const one = holdIn(arena, { name, kept, trained, slots: options.slots });
      held.push(one);
      return one;
    },
  };
  const plane = (extent: Extent, border?: Border): Plane =>
    makePlane(arena, extent, { parts, ...(border && { border }) });
  const places = placesOf(network, options.frozen);
  const image = places[0].input;
  const features = image.height * image.width * image.channels;
  const input = plane({ height: 1, width: 1, channels: roundedUp(features, LANES) });
  let from = packedPlane(arena, image, input);
  const steps: LayerStep[] = [];
  const border = borderFor(places[0]);
  if (border) {
    const bordered = plane(image, border);
    steps.push({ forward: copy(from, bordered), backward: () => [] });
    from = bordered;
  }
  let back: Plane | undefined;
  for (const [position, place] of places.entries()) {
    const { layer, output, goesOn } = place;
    const next = places.at(position + 1);
    // What is flattened has no border, as no convolution reads it.
    const flat = (over: Plane): Plane => packedPlane(arena, output, over);
    const isFlat = layer.type === 'flatten';
    const to = isFlat ? flat(from) : plane(output, next && borderFor(next));
    const gradient = isFlat && back ? flat(back) : planeLike(arena, to, parts);
    const planes = { from, to, gradient, ...(goesOn && back && { back }) };
    steps.push(stepOf(place, { planes, position, options, context }));
    from = to;
    back = gradient;
  }
  return { arena, parts, input, logits: from, logitsGradient: back as Plane, steps, held };
}

interface StepSetting {
  readonly planes: Planes;
  readonly position: number;
  readonly options: LayoutOptions;
  readonly context: StepContext;
}

function stepOf({ layer, ...place }: Place, { planes, position, options, context }: StepSetting): LayerStep {
  switch (layer.type) {
    case 'dense':
    case 'conv2d': {
      const mask = options.masks.get(`${layer.name}/kernel`);
      const isTrained = !options.frozen.has(layer.name);
      return weightedStep(layer, place, planes, { isTrained, ...(mask && { mask }) }, context);
    }
    case 'maxPool':
      return poolStep(layer, place, planes, context);
    case 'relu':
      return reluStep(planes);
    case 'dropout':
      return dropoutStep({ rate: options.dropout.get(layer.name) ?? 0, stream: position }, planes, context);
    case 'flatten':
      return flattenStep();
    default:
      return assertNever(layer);
  }
}

function placesOf(network: NetworkSpec, frozen: ReadonlySet<string>): Place[] {
  const shapes = inferShapes(network);
  const isTrained = (layer: LayerSpec): boolean => isWeighted(layer) && !frozen.has(layer.name);
  const first = network.layers.findIndex(isTrained);
  return network.layers.map((layer, position) => ({
    layer: layer as ChainLayer,
    input: extentOf(shapes.get(layer.inputs[0]) as Shape),
    output: extentOf(shapes.get(layer.name) as Shape),
    goesOn: first >= 0 && position > first,
  }));
}

/** What a layer wants around what it reads: a convolution its padding. */
function borderFor({ layer, input, output }: Place): Border | undefined {
  if (layer.type !== 'conv2d' || layer.padding === 'valid') return undefined;
  const [top, left] = paddingBefore(layer, input, output);
  const reached = (windows: number, axis: 0 | 1): number =>
    (windows - 1) * layer.stride[axis] + layer.kernel[axis];
  return {
    top,
    left,
    bottom: Math.max(0, reached(output.height, 0) - top - input.height),
    right: Math.max(0, reached(output.width, 1) - left - input.width),
  };
}

function holdIn(
  arena: Arena,
  { slots, ...own }: Pick<Held, 'name' | 'kept' | 'trained'> & { readonly slots: number },
): Held {
  const room = (): number => arena.room(FLOAT_BYTES * own.kept.length);
  const values = room();
  return {
    ...own,
    values,
    latents: own.trained === 'latents' ? room() : values,
    gradients: room(),
    slots: Array.from({ length: slots }, room),
  };
}

function extentOf(shape: Shape): Extent {
  return shape.length === 3
    ? { height: shape[0], width: shape[1], channels: shape[2] }
    : { height: 1, width: 1, channels: shape[0] };
}

function roundedUp(count: number, to: number): number {
  return Math.ceil(count / to) * to;
}
