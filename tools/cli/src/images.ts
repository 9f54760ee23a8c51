/** One image by name: a PNG, an image of an IDX file (`FILE:INDEX`), or of MNIST (`mnist:test:17`). */
import { parseIdx, readMnist, type ImageShape } from '@espalier/datasets';
import { PNG } from 'pngjs';
import { cliError } from './errors';
import { readInput } from './files';

export interface Image {
  /** [height, width, channels], 0..255. */
  readonly pixels: Uint8Array;
  readonly shape: ImageShape;
  /** The right answer, where it is known. */
  readonly label?: number;
}

/** The image that a network's input takes: [h, w, c]; a flat input is taken for a square grey image. */
export function imageShapeOf(input: readonly number[]): ImageShape {
  if (input.length === 3) return [input[0], input[1], input[2]];
  const side = Math.round(Math.sqrt(input[0]));
  return side * side === input[0] ? [side, side, 1] : [1, input[0], 1];
}

/** @throws CLI_FILE, CLI_IMAGE, and the DATA_* errors of a broken IDX file */
export function readImage(name: string, wanted: ImageShape): Image {
  const mnist = /^mnist:(train|test):(\d+)$/.exec(name);
  const image = mnist
    ? mnistImage(name, mnist[1] as 'train' | 'test', Number(mnist[2]))
    : /\.png$/i.test(name)
      ? pngImage(name, wanted[2])
      : idxImage(name);
  if (image.shape.join() !== wanted.join()) {
    const problem = `it is ${image.shape.join(' x ')}, but the network takes ${wanted.join(' x ')}`;
    throw cliError('CLI_IMAGE', { image: name, problem });
  }
  return image;
}

function mnistImage(name: string, split: 'train' | 'test', index: number): Image {
  const samples = readMnist()[split];
  requireIndex(name, index, samples.count);
  const size = samples.shape[0] * samples.shape[1] * samples.shape[2];
  return {
    pixels: samples.images.subarray(index * size, (index + 1) * size),
    shape: samples.shape,
    label: samples.labels[index],
  };
}

function idxImage(name: string): Image {
  const match = /^(.+):(\d+)$/.exec(name);
  if (!match) {
    const problem = 'its name should be FILE.png, IDX-FILE:INDEX, or mnist:test:INDEX';
    throw cliError('CLI_IMAGE', { image: name, problem });
  }
  const { dims, values } = parseIdx(readInput(match[1]), match[1]);
  const [count, height, width, channels = 1] = dims;
  const index = Number(match[2]);
  requireIndex(name, index, count);
  const size = height * width * channels;
  return { pixels: values.subarray(index * size, (index + 1) * size), shape: [height, width, channels] };
}

/** Grey from colours by ITU-R 601; what is transparent is black, the background of MNIST. */
function pngImage(name: string, channels: number): Image {
  let png: PNG;
  try {
    png = PNG.sync.read(Buffer.from(readInput(name)));
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'CLI_FILE') throw cause;
    throw cliError('CLI_IMAGE', { image: name, problem: (cause as Error).message }, { cause });
  }
  const { width, height, data } = png;
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    const [red, green, blue, alpha] = data.subarray(i * 4, i * 4 + 4);
    const colours = [red, green, blue].map((value) => (value * alpha) / 255);
    const grey = 0.299 * colours[0] + 0.587 * colours[1] + 0.114 * colours[2];
    for (let c = 0; c < channels; c++) {
      pixels[i * channels + c] = Math.round(channels === 1 ? grey : (colours[c] ?? 255));
    }
  }
  return { pixels, shape: [height, width, channels] };
}

function requireIndex(name: string, index: number, count: number): void {
  if (index >= count) {
    throw cliError('CLI_IMAGE', { image: name, problem: `there are ${count} images, counted from 0` });
  }
}
