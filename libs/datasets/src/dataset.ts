/** Labelled images in memory, as bytes: a quarter of the size of float32, and what the files hold. */
export interface Samples {
  /** [count, height, width, channels], 0..255. */
  readonly images: Uint8Array;
  /** [count], each in 0..classes - 1. */
  readonly labels: Uint8Array;
  readonly count: number;
  /** [height, width, channels] of one image. */
  readonly shape: ImageShape;
}

export type ImageShape = readonly [height: number, width: number, channels: number];

export interface DataSet {
  readonly name: string;
  readonly classes: number;
  readonly train: Samples;
  readonly test: Samples;
}

/** Samples [from, to) as views on the same memory. */
export function sliceSamples(samples: Samples, from: number, to: number): Samples {
  const size = samples.shape[0] * samples.shape[1] * samples.shape[2];
  return {
    images: samples.images.subarray(from * size, to * size),
    labels: samples.labels.subarray(from, to),
    count: to - from,
    shape: samples.shape,
  };
}
