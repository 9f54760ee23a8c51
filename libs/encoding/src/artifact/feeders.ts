/** Which tensor feeds which, by what both sides of a file know: shapes and order. */
import { outputEnergies, type OutputEnergies } from '../arithmetic/feed';
import type { ImageLayout } from '../arithmetic/kernel-view';
import type { Shape } from '@espalier/tensor';
import type { SharedWeights } from '../shared-weights';

interface Frame {
  readonly name: string;
  readonly shape: Shape;
  readonly image?: ImageLayout;
}

/**
 * A tensor's feeder is the nearest tensor before it, of two dimensions or more, that has as many outputs as this one has channels. The
 * network's parameters are fed by the network's, others by others, so that an encoder that gets tensors in any order knows the feeder, if
 * it does not have it yet; it codes then as if there were none.
 */
export class Feeders {
  private readonly energies = new Map<string, OutputEnergies>();
  private readonly parameters: ReadonlySet<string>;
  private readonly others: Frame[] = [];

  constructor(private readonly frames: readonly Omit<Frame, 'image'>[]) {
    this.parameters = new Set(frames.map(({ name }) => name));
  }

  /** By channel, squared weights of what feeds this tensor. */
  of({ name, shape, image }: Frame): OutputEnergies | undefined {
    if (shape.length < 2) return undefined;
    const channels = shape.length === 4 ? shape[2] : shape.length === 2 && image ? image[2] : shape[0];
    const before = this.parameters.has(name) ? this.frames.slice(0, this.placeOf(name)) : this.others;
    const feeder = before.findLast(
      (other) => other.shape.length >= 2 && other.shape[other.shape.length - 1] === channels,
    );
    return feeder && this.energies.get(feeder.name);
  }

  /** A tensor is known, by its values or by its codes. */
  add(frame: Frame, weights: Float32Array | SharedWeights): void {
    if (frame.shape.length < 2) return;
    if (!this.parameters.has(frame.name)) this.others.push(frame);
    this.energies.set(frame.name, outputEnergies(weights, frame.shape));
  }

  private placeOf(name: string): number {
    return this.frames.findIndex((frame) => frame.name === name);
  }
}
