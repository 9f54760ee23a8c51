/** The distorted images of each step, those of the next one made while a step is done. */
import type { Random } from '@espalier/base';
import { DistortedAhead, type AugmentSpec, type BatchSequence, type Samples } from '@espalier/datasets';

export interface StepImagesOptions {
  readonly samples: Samples;
  readonly augment: AugmentSpec;
  readonly batches: BatchSequence;
  readonly batchSize: number;
  readonly random: Random;
  readonly threads: number;
}

export class StepImages {
  private readonly ahead: DistortedAhead;
  /** The step whose images are being made. */
  private begun: number | undefined;

  constructor(private readonly options: StepImagesOptions) {
    this.ahead = new DistortedAhead(options.samples, options.augment, options);
  }

  /** [batch, height, width, channels], a function of seed and step; valid until the next call. */
  at(step: number): Float32Array {
    if (this.begun !== step) {
      if (this.begun !== undefined) this.ahead.finish();
      this.begin(step);
    }
    const images = this.ahead.finish();
    this.begin(step + 1);
    return images;
  }

  close(): void {
    this.ahead.close();
  }

  private begin(step: number): void {
    const { batches, random } = this.options;
    this.begun = undefined;
    this.ahead.begin(batches.at(step), random.fork(`augment-${step}`));
    this.begun = step;
  }
}
