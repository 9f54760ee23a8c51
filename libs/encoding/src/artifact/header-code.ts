/** The header of an artifact: the network, then for each tensor its coding, its length and whatever the network does not say. */
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { sizeOf, type Shape } from '@espalier/tensor';
import { AdaptiveBits, AdaptiveNumber } from '../arithmetic/adaptive-bits';
import type { ImageLayout } from '../arithmetic/kernel-view';
import type { BinaryCoder } from '../arithmetic/range-coder';
import { TextModel } from '../arithmetic/text-code';
import { encodingError } from '../errors';
import { STREAM_CODINGS, type StreamCoding } from './coding-names';
import { imageLayouts } from './image-layout';
import { codeNetwork } from './network-code';

export interface TensorHeader {
  readonly name: string;
  readonly shape: Shape;
  readonly coding: StreamCoding;
  /** Bytes of its stream. */
  readonly length: number;
  readonly image?: ImageLayout;
}

export interface ArtifactHeader {
  readonly network: NetworkSpec;
  readonly tensors: readonly TensorHeader[];
}

const MAX_TENSORS = 65536;
const MAX_RANK = 8;

/** Codes the header; `given` when encoding. Throws ENCODING_STREAM, NETWORK_*, TENSOR_SHAPE for a broken one. */
export function codeHeader(coder: BinaryCoder, given?: ArtifactHeader): ArtifactHeader {
  const network = codeNetwork(coder, given?.network);
  const parameters = parametersOf(network);
  const images = imageLayouts(network);
  const model = new HeaderModel();
  const regular =
    given !== undefined &&
    given.tensors.length === parameters.length &&
    given.tensors.every(
      ({ name, shape }, i) => name === parameters[i].name && sameShape(shape, parameters[i].shape),
    );
  const implied = coder.code(regular ? 1 : 0, 60000) === 1;
  const count = implied ? parameters.length : model.numbers.code(coder, given ? given.tensors.length : 0);
  if (count > MAX_TENSORS) throw broken(`${count} tensors`);
  const tensors = Array.from({ length: count }, (_, i): TensorHeader => {
    const tensor = given?.tensors[i];
    const { name, shape } = implied ? parameters[i] : model.codeFrame(coder, tensor);
    const coding = model.codeCoding(coder, shape.length, tensor?.coding);
    const length = model.lengths.code(coder, tensor?.length ?? 0);
    const image =
      shape.length === 2
        ? model.codeImage(coder, images.get(name), { given: tensor?.image, coding })
        : undefined;
    return { name, shape, coding, length, ...(image && { image }) };
  });
  return { network, tensors };
}

class HeaderModel {
  readonly numbers = new AdaptiveNumber();
  readonly lengths = new AdaptiveNumber();
  private readonly names = new TextModel();
  private readonly codings = Array.from({ length: MAX_RANK + 1 }, () => new AdaptiveNumber());
  private readonly flags = new AdaptiveBits(2);

  codeFrame(coder: BinaryCoder, given?: TensorHeader): { readonly name: string; readonly shape: Shape } {
    const name = this.names.code(coder, given?.name);
    const rank = this.numbers.code(coder, given ? given.shape.length : 0);
    if (rank > MAX_RANK) throw broken(`a tensor of ${rank} axes`);
    const shape = Array.from({ length: rank }, (_, axis) =>
      this.numbers.code(coder, given ? given.shape[axis] : 0),
    );
    sizeOf(shape);
    return { name, shape };
  }

  codeCoding(coder: BinaryCoder, rank: number, given?: StreamCoding): StreamCoding {
    const number = this.codings[rank].code(coder, given ? STREAM_CODINGS.indexOf(given) : 0);
    const coding = STREAM_CODINGS[number];
    if (coding === undefined) throw broken(`coding ${number}`);
    return coding;
  }

  /** Only the mixing codings look at the image. One flag: is it what the network says? */
  codeImage(
    coder: BinaryCoder,
    usual: ImageLayout | undefined,
    { given, coding }: { readonly given: ImageLayout | undefined; readonly coding: StreamCoding },
  ): ImageLayout | undefined {
    if (coding !== 'arithmetic' && coding !== 'sparse32') return undefined;
    const same = this.flags.code(coder, 0, sameShape(given ?? [], usual ?? []) ? 1 : 0);
    if (same) return usual;
    if (!this.flags.code(coder, 1, given ? 1 : 0)) return undefined;
    const [height, width, channels] = [0, 1, 2].map((axis) =>
      this.numbers.code(coder, given ? given[axis] : 0),
    );
    return [height, width, channels];
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

function broken(problem: string): Error {
  return encodingError('ENCODING_STREAM', { what: 'the header', problem });
}
