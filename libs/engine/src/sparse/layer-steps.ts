/** What each layer does, there and back, as calls of the kernels. */
import type { Conv2dLayer, DenseLayer, PoolLayer } from '@espalier/models';
import type { Arena } from './arena';
import type { Call } from './calls';
import { entriesOf, keptByOutput, type KernelShape } from './entries';
import { FLOAT_BYTES, TILE_BYTES } from './memory-map';
import { partOf, pixelOffsets, type Extent, type Plane } from './plane';

/** Those of a batch's samples that are worked on together. */
export interface SamplePart {
  readonly part: number;
  readonly first: number;
  /** Those that fill it up left out. */
  readonly samples: number;
}

export interface LayerStep {
  forward(part: SamplePart): readonly Call[];
  /** The gradient of what the layer reads, from that of what it gives. Nothing where no gradient need go. */
  backward(part: SamplePart): readonly Call[];
  readonly weights?: LayerWeights;
}

/** The parameters of a layer, and how their gradients come about. */
export interface LayerWeights {
  readonly kernel: Held;
  readonly bias?: Held;
  readonly isTrained: boolean;
  /** Of each output, behind its last number in `kernel`. */
  readonly ends: Uint32Array;
  /** Multiplications of its gradient, for one sample. */
  readonly cost: number;
  /** Of outputs from `first` on, `count` of them: the kernel's gradient and the bias's. */
  gradients(first: number, count: number): readonly Call[];
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

/** What the optimizer changes of a kernel: its weights, float weights behind shared ones (straight through), or a codebook, elsewhere. */
export type Trained = 'weights' | 'latents' | 'codebook';

/** Parameters that are held number by number, with their gradients and the optimizer's slots. */
export interface Held {
  readonly name: string;
  /** Places of the held numbers in the tensor; of a bias all. */
  readonly kept: Uint32Array;
  readonly trained: Trained;
  /** Addresses. */
  readonly values: number;
  readonly latents: number;
  readonly gradients: number;
  readonly slots: readonly number[];
}

export interface StepContext {
  readonly arena: Arena;
  /** Of the batch. */
  readonly parts: number;
  /** Room for a parameter of which these places are kept. */
  hold(name: string, kept: Uint32Array): Held;
}

export interface WeightedOptions {
  /** Missing: all weights are kept. */
  readonly mask?: Float32Array | Int32Array;
  readonly isTrained: boolean;
}

export function weightedStep(
  layer: DenseLayer | Conv2dLayer,
  { input, output }: Extents,
  { from, to, gradient, back }: Planes,
  { mask, isTrained }: WeightedOptions,
  { arena, parts, hold }: StepContext,
): LayerStep {
  const shape = kernelShape(layer, input);
  const { outputs } = shape;
  const kept = keptByOutput(mask, shape);
  const kernel = hold(`${layer.name}/kernel`, kept);
  const all = Uint32Array.from({ length: outputs }, (_, i) => i);
  const bias = layer.bias ? hold(`${layer.name}/bias`, all) : undefined;
  const lists = entriesOf(kept, shape, from);
  const [ends, entries] = [arena.place(lists.ends), arena.place(lists.entries)];
  const [down, right] = layer.type === 'conv2d' ? layer.stride : [1, 1];
  // What is read has the padding as its border: windows start in its corner.
  const windows = arena.place(
    pixelOffsets({ ...output, rowBytes: down * from.rowBytes, pixelBytes: right * from.pixelBytes }),
  );
  const { pixels, table } = to;
  const counts = [pixels, outputs, ends, entries, kernel.values] as const;
  return {
    forward: ({ part }) => [
      ['gather', partOf(from, part), windows, partOf(to, part), table, ...counts, bias ? bias.values : 0],
    ],
    backward: ({ part }) =>
      back
        ? [
            ['clear', partOf(back, part), back.bytes],
            ['scatter', partOf(gradient, part), table, partOf(back, part), windows, ...counts],
          ]
        : [],
    weights: {
      kernel,
      ...(bias && { bias }),
      isTrained,
      ends: lists.ends,
      cost: pixels * kept.length,
      gradients(first, count) {
        const columns = [
          gradient.address + first * TILE_BYTES,
          table,
          gradient.bytes,
          parts,
          pixels,
          count,
        ] as const;
        const entry = first === 0 ? 0 : lists.ends[first - 1];
        const sums: Call[] = [
          [
            ...(['correlate', from.address, windows, from.bytes, ...columns] as const),
            ...[ends + FLOAT_BYTES * first, entry, entries, kernel.gradients],
          ],
        ];
        if (bias) sums.push(['sumOver', ...columns, bias.gradients + FLOAT_BYTES * first]);
        return sums;
      },
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
  const counts = [to.pixels, to.channels, taps, height * width] as const;
  const places = ({ part }: SamplePart) => [partOf(from, part), windows, partOf(to, part), to.table] as const;
  return {
    forward: (some) => [['maxPool', ...places(some), ...counts]],
    backward: (some) =>
      back
        ? [
            ['clear', partOf(back, some.part), back.bytes],
            ['maxPoolBack', ...places(some), partOf(gradient, some.part), partOf(back, some.part), ...counts],
          ]
        : [],
  };
}

export function reluStep({ from, to, gradient, back }: Planes): LayerStep {
  const counts = [to.pixels, to.channels] as const;
  return {
    forward: ({ part }) => [['relu', partOf(from, part), from.table, partOf(to, part), to.table, ...counts]],
    backward: ({ part }) =>
      back
        ? [
            [
              ...(['reluBack', partOf(to, part), to.table, partOf(gradient, part)] as const),
              ...[partOf(back, part), back.table, ...counts],
            ],
          ]
        : [],
  };
}

export function dropoutStep(
  { rate, stream }: { readonly rate: number; readonly stream: number },
  { from, to, gradient, back }: Planes,
  { arena, parts }: StepContext,
): LayerStep {
  if (rate === 0) return { forward: copy(from, to), backward: back ? copy(gradient, back) : () => [] };
  const { pixels, channels } = to;
  const bytes = pixels * to.pixelBytes;
  const factors = arena.room(parts * bytes);
  const scale = 1 / (1 - rate);
  const multiply = (source: Plane, target: Plane, part: number): Call => [
    ...(['multiplyPixels', partOf(source, part), source.table, partOf(target, part), target.table] as const),
    ...[factors + part * bytes, pixels, channels],
  ];
  return {
    forward: ({ part, first, samples }) => [
      [
        ...(['dropoutFactors', factors + part * bytes, pixels * channels, first, samples] as const),
        ...[stream, rate, scale],
      ],
      multiply(from, to, part),
    ],
    backward: ({ part }) => (back ? [multiply(gradient, back, part)] : []),
  };
}

/** Both sides are the same memory. */
export function flattenStep(): LayerStep {
  return { forward: () => [], backward: () => [] };
}

export function copy(from: Plane, to: Plane): LayerStep['forward'] {
  return ({ part }) => [
    ['copyPixels', partOf(from, part), from.table, partOf(to, part), to.table, to.pixels, to.channels],
  ];
}

function kernelShape(layer: DenseLayer | Conv2dLayer, { channels }: Extent): KernelShape {
  return layer.type === 'dense'
    ? { height: 1, width: 1, inputs: channels, outputs: layer.units }
    : { height: layer.kernel[0], width: layer.kernel[1], inputs: channels, outputs: layer.filters };
}
