/** What each layer does, there and back, as calls of the kernels. */
import type { Conv2dLayer, DenseLayer, PoolLayer } from '@espalier/models';
import type { Arena } from './arena';
import { entriesOf, keptByOutput, type KernelShape } from './entries';
import type { Kernels } from './kernels';
import { packedPlane, pixelOffsets, type Extent, type Plane } from './plane';

export interface LayerStep {
  forward(kernels: Kernels, dropoutKey: Int32Array): void;
  /** Missing where no gradient need go. */
  readonly backward?: (kernels: Kernels, buffer: ArrayBuffer) => void;
}

/** What a layer reads and gives, and the gradients of the loss by both, which are laid out alike. */
export interface Planes {
  readonly from: Plane;
  readonly to: Plane;
  readonly gradient: Plane;
  /** By what it reads; missing where nothing before it is trained. */
  readonly back?: Plane;
}

export interface Extents {
  readonly input: Extent;
  readonly output: Extent;
}

/** Parameters that are held number by number, with their gradients and the optimizer's slots. */
export interface Held {
  readonly name: string;
  /** Places of the held numbers in the tensor; of a bias all. */
  readonly kept: Uint32Array;
  readonly size: number;
  /** Addresses. */
  readonly values: number;
  readonly gradients: number;
  readonly slots: readonly number[];
  /** Of `kept`, rounded up to whole vectors. */
  readonly count: number;
  readonly isKernel: boolean;
}

export interface StepContext {
  readonly arena: Arena;
  readonly samples: number;
  /** Of one channel of one pixel: of all samples, and of those that fill them up. */
  readonly batchBytes: number;
  /** Room for a parameter of which these places are kept. */
  hold(name: string, kept: Uint32Array, tensor: { readonly size: number; readonly isKernel: boolean }): Held;
}

export interface WeightedOptions {
  /** Missing: all weights are kept. */
  readonly mask?: Float32Array;
  readonly isTrained: boolean;
}

export function weightedStep(
  layer: DenseLayer | Conv2dLayer,
  { input, output }: Extents,
  { from, to, gradient, back }: Planes,
  { mask, isTrained }: WeightedOptions,
  { arena, batchBytes, hold }: StepContext,
): LayerStep {
  const shape = kernelShape(layer, input);
  const kept = keptByOutput(mask, shape);
  const kernel = hold(`${layer.name}/kernel`, kept, { size: sizeOfKernel(shape), isKernel: true });
  const { outputs } = shape;
  const all = Uint32Array.from({ length: outputs }, (_, i) => i);
  const bias = layer.bias && hold(`${layer.name}/bias`, all, { size: outputs, isKernel: false });
  const lists = entriesOf(kept, shape, from, batchBytes);
  const [ends, entries] = [arena.place(lists.ends), arena.place(lists.entries)];
  const [down, right] = layer.type === 'conv2d' ? layer.stride : [1, 1];
  // What is read has the padding as its border: windows start in its corner.
  const windows = arena.place(
    pixelOffsets({ ...output, rowBytes: down * from.rowBytes, pixelBytes: right * from.pixelBytes }),
  );
  const counts = [to.pixels, outputs, ends, entries] as const;
  return {
    forward({ gather }) {
      const start = bias ? bias.values : 0;
      gather(from.address, windows, ...at(to), ...counts, kernel.values, start, batchBytes);
    },
    backward({ correlate, sumOver, scatter }, buffer) {
      if (isTrained) {
        correlate(from.address, windows, ...at(gradient), ...counts, kernel.gradients, batchBytes);
        if (bias) sumOver(...at(gradient), to.pixels, outputs, bias.gradients, batchBytes);
      }
      if (back) {
        clear(back, buffer);
        scatter(...at(gradient), back.address, windows, ...counts, kernel.values, batchBytes);
      }
    },
  };
}

export function poolStep(
  { size: [height, width], stride }: PoolLayer,
  { output }: Extents,
  { from, to, gradient, back }: Planes,
  { arena }: StepContext,
): LayerStep {
  const { rowBytes, pixelBytes, first } = from;
  const windows = arena.place(
    pixelOffsets({ ...output, rowBytes: stride[0] * rowBytes, pixelBytes: stride[1] * pixelBytes }, first),
  );
  const taps = arena.place(pixelOffsets({ height, width, rowBytes, pixelBytes }));
  const counts = [to.pixels, taps, height * width, to.pixelBytes] as const;
  return {
    forward: ({ maxPool }) => maxPool(from.address, windows, ...at(to), ...counts),
    ...(back && {
      backward({ maxPoolBack }, buffer) {
        clear(back, buffer);
        maxPoolBack(from.address, windows, ...at(to), ...at(gradient), back.address, ...counts);
      },
    }),
  };
}

export function reluStep({ from, to, gradient, back }: Planes): LayerStep {
  const { pixels, pixelBytes } = to;
  return {
    forward: ({ relu }) => relu(...at(from), ...at(to), pixels, pixelBytes),
    ...(back && {
      backward: ({ reluBack }) => reluBack(...at(to), ...at(gradient), ...at(back), pixels, pixelBytes),
    }),
  };
}

export function dropoutStep(
  { rate, stream }: { readonly rate: number; readonly stream: number },
  { from, to, gradient, back }: Planes,
  { arena, samples, batchBytes }: StepContext,
): LayerStep {
  const { pixels, pixelBytes, channels } = to;
  if (rate === 0) return copyStep(from, to, back && [gradient, back]);
  const factors = arena.room(pixels * pixelBytes);
  const scale = 1 / (1 - rate);
  return {
    forward({ dropoutFactors, multiplyPixels }, [low, high]) {
      dropoutFactors(factors, pixels * channels, samples, batchBytes, low, high, stream, rate, scale);
      multiplyPixels(...at(from), ...at(to), factors, pixels, pixelBytes);
    },
    ...(back && {
      backward: ({ multiplyPixels }) =>
        multiplyPixels(...at(gradient), ...at(back), factors, pixels, pixelBytes),
    }),
  };
}

/** Both sides have the same numbers in the same order; where they are the same memory, nothing is to be done. */
export function flattenStep(
  { input }: Extents,
  { from, to, gradient, back }: Planes,
  { arena, batchBytes }: StepContext,
): LayerStep {
  const asImage = ({ address }: Plane): Plane => packedPlane(arena, input, { address, batchBytes });
  const behind = back && back.address !== gradient.address && ([asImage(gradient), back] as const);
  if (to.address !== from.address) return copyStep(from, asImage(to), behind || undefined);
  return { ...(behind && copyStep(from, to, behind)), forward: () => undefined };
}

export function copyStep(from: Plane, to: Plane, behind?: readonly [Plane, Plane]): LayerStep {
  const copier =
    (source: Plane, target: Plane) =>
    ({ copyPixels }: Kernels): void =>
      copyPixels(...at(source), ...at(target), source.pixels, source.pixelBytes);
  return { forward: copier(from, to), ...(behind && { backward: copier(...behind) }) };
}

function at({ address, table }: Plane): [number, number] {
  return [address, table];
}

function kernelShape(layer: DenseLayer | Conv2dLayer, { channels }: Extent): KernelShape {
  return layer.type === 'dense'
    ? { height: 1, width: 1, inputs: channels, outputs: layer.units }
    : { height: layer.kernel[0], width: layer.kernel[1], inputs: channels, outputs: layer.filters };
}

function sizeOfKernel({ height, width, inputs, outputs }: KernelShape): number {
  return height * width * inputs * outputs;
}

function clear({ address, bytes }: Plane, buffer: ArrayBuffer): void {
  new Uint8Array(buffer, address, bytes).fill(0);
}
