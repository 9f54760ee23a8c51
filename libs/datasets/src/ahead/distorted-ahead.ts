/**
 * Batches of `DistortedBatches`, to the bit, by a thread beside the one that trains: while a step is done, the next one's images are
 * distorted. With one thread it is done when they are asked for.
 */
import type { Random } from '@espalier/base';
import { openTeam, sharedModule, type Team } from '@espalier/threads';
import { drawDistortions, type AugmentSpec } from '../augmentation';
import type { Samples } from '../dataset';
import { dataError } from '../errors';
import { ImageBoxes } from '../image-boxes';
import { distortionMemory, type DistortionViews } from './distortion-memory';
import { KERNEL_HEX } from './kernel-hex';

export interface AheadOptions {
  /** Of every batch. */
  readonly batchSize: number;
  /** More than two gain nothing. */
  readonly threads: number;
}

/** Samples are shared out in so many parts: whoever asks takes what has not been begun. */
const PARTS = 8;
export class DistortedAhead {
  private readonly team: Team;
  private readonly threads: number;
  private readonly views: DistortionViews;
  private readonly boxes: ImageBoxes;
  private readonly batch: Float32Array;
  private readonly grid: number;

  constructor(
    private readonly samples: Samples,
    private readonly spec: AugmentSpec,
    { batchSize, threads }: AheadOptions,
  ) {
    this.grid = spec.elastic?.grid ?? 0;
    this.threads = Math.min(2, threads);
    this.boxes = new ImageBoxes(samples);
    const { shape } = samples;
    this.batch = new Float32Array(batchSize * shape[0] * shape[1] * shape[2]);
    const memory = distortionMemory({ count: batchSize, parts: PARTS, shape, grid: this.grid });
    const { buffer, ...loaded } = sharedModule(KERNEL_HEX, memory.bytes);
    this.views = memory.open(buffer);
    this.team = openTeam({
      ...loaded,
      ...{ threads: this.threads, name: 'espalier distortion' },
      // The first part is empty: it is for whoever asks.
      jobs: [Array.from({ length: PARTS + 1 }, (_, part) => ['runPart', part] as const)],
      failed: (reason, cause) => dataError('DATA_THREAD', { reason }, { cause }),
    });
  }

  /** Begins with the samples of these indices, `batchSize` of them; `finish` must follow. Throws DATA_THREAD. */
  begin(indices: ArrayLike<number>, random: Random): void {
    const { samples, views, boxes, spec } = this;
    const [height, width] = samples.shape;
    const size = this.batch.length / indices.length;
    for (let i = 0; i < indices.length; i++) {
      const from = indices[i] * size;
      views.pixels.set(samples.images.subarray(from, from + size), i * size);
      views.boxes.set(boxes.at(indices[i]), 4 * i);
    }
    const drawn = drawDistortions(spec, indices.length, [height, width], random);
    views.transforms.set(drawn.transforms);
    // Without a field, as at strength 0, samples are distorted as if none had been asked for.
    if (drawn.displacements) views.vectors.set(drawn.displacements.vectors);
    if (drawn.displacements) views.distorted.set(drawn.distorted);
    else views.distorted.fill(0);
    this.team.begin(0, { threads: this.threads });
  }

  /**
   * What was begun.
   *
   * @returns [batchSize, height, width, channels], 0..1; valid until the next call. Throws DATA_THREAD.
   */
  finish(): Float32Array {
    this.team.finish();
    // TensorFlow is not fed with memory that threads share.
    this.batch.set(this.views.output);
    return this.batch;
  }

  close(): void {
    this.team.close();
  }
}
