/**
 * Where each weight of a kernel is drawn. A dense layer that reads an image is a grid of such images, one a unit; a convolution a
 * grid of its windows; any other matrix is drawn as it is, inputs down and outputs across.
 */

export interface Arrangement {
  readonly width: number;
  readonly height: number;
  /** [height, width]: the entry that a pixel shows, -1 between tiles. */
  readonly entries: Int32Array;
  readonly kind: 'images' | 'windows' | 'matrix' | 'blocks';
  /** Where an entry stands in the layer, in words. */
  place(entry: number): string;
}

/** [height, width, channels] of the image that a dense layer reads. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Pixels between tiles. */
const GAP = 1;
/** Width by height that a grid without an order of its own is brought to: about a screen's. */
const ASPECT = 1.5;

/** @param shape [in, out], [kh, kw, in, out], or any other, which is drawn as a matrix with its last axis across */
export function arrange(shape: readonly number[], image?: ImageShape): Arrangement {
  if (shape.length === 4) return windows(shape as unknown as Windows);
  if (shape.length === 2 && image && shape[0] === image[0] * image[1] * image[2])
    return images(image, shape[1]);
  const columns = shape.length === 0 ? 1 : shape[shape.length - 1];
  const rows = shape.slice(0, -1).reduce((product, axis) => product * axis, 1);
  return matrix(rows, columns);
}

/** A picture by blocks of weights. */
export function arrangeBlocks([rows, columns]: readonly [number, number]): Arrangement {
  return { ...plain(rows, columns, 'blocks'), place: (entry) => `block ${position(entry, columns)}` };
}

/** One image: what the tiles of all units come to together. */
export function arrangeImage([height, width]: ImageShape): Arrangement {
  return { ...plain(height, width, 'images'), place: (entry) => `pixel ${position(entry, width)}` };
}

function position(entry: number, columns: number): string {
  return `row ${Math.floor(entry / columns) + 1}, column ${(entry % columns) + 1}`;
}

function matrix(rows: number, columns: number): Arrangement {
  return {
    ...plain(rows, columns, 'matrix'),
    place: (entry) => `input ${Math.floor(entry / columns) + 1}, output ${(entry % columns) + 1}`,
  };
}

function plain(
  height: number,
  width: number,
  kind: Arrangement['kind'],
): Pick<Arrangement, 'width' | 'height' | 'entries' | 'kind'> {
  return { width, height, kind, entries: Int32Array.from({ length: height * width }, (_, i) => i) };
}

/** Kernel [height * width * channels, units]; a tile a unit, of several channels a tile a unit and channel. */
function images([height, width, channels]: ImageShape, units: number): Arrangement {
  const tiles = units * channels;
  const columns = columnsFor(tiles, height, width);
  return {
    kind: 'images',
    ...grid({ rows: Math.ceil(tiles / columns), columns, tiles, height, width }, (tile, y, x) => {
      const unit = Math.floor(tile / channels);
      return ((y * width + x) * channels + (tile % channels)) * units + unit;
    }),
    place(entry) {
      const input = Math.floor(entry / units);
      const pixel = Math.floor(input / channels);
      const channel = channels > 1 ? `, channel ${(input % channels) + 1}` : '';
      return `unit ${(entry % units) + 1}, pixel ${position(pixel, width)}${channel}`;
    },
  };
}

type Windows = readonly [height: number, width: number, inputs: number, filters: number];

/** Kernel [kh, kw, in, out]: inputs by filters, the longer axis across; of one input as a block of filters. */
function windows([height, width, inputs, filters]: Windows): Arrangement {
  const tiles = inputs * filters;
  const wide = filters >= inputs;
  const across = Math.max(inputs, filters);
  const single = Math.min(inputs, filters) === 1;
  const columns = single ? columnsFor(tiles, height, width) : across;
  const tileOf = (tile: number): readonly [input: number, filter: number] => {
    if (single) return inputs === 1 ? [0, tile] : [tile, 0];
    const row = Math.floor(tile / across);
    return wide ? [row, tile % across] : [tile % across, row];
  };
  return {
    kind: 'windows',
    ...grid({ rows: Math.ceil(tiles / columns), columns, tiles, height, width }, (tile, y, x) => {
      const [input, filter] = tileOf(tile);
      return ((y * width + x) * inputs + input) * filters + filter;
    }),
    place(entry) {
      const input = Math.floor(entry / filters) % inputs;
      const at = Math.floor(entry / (filters * inputs));
      return `filter ${(entry % filters) + 1}, input ${input + 1}, ${position(at, width)}`;
    },
  };
}

interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** The last row of the grid may not be full. */
  readonly tiles: number;
  readonly height: number;
  readonly width: number;
}

function grid(
  { rows, columns, tiles, height, width }: Grid,
  entryOf: (tile: number, y: number, x: number) => number,
): Pick<Arrangement, 'width' | 'height' | 'entries'> {
  const across = columns * (width + GAP) - GAP;
  const down = rows * (height + GAP) - GAP;
  const entries = new Int32Array(across * down).fill(-1);
  for (let tile = 0; tile < tiles; tile++) {
    const top = Math.floor(tile / columns) * (height + GAP);
    const left = (tile % columns) * (width + GAP);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) entries[(top + y) * across + left + x] = entryOf(tile, y, x);
    }
  }
  return { width: across, height: down, entries };
}

function columnsFor(tiles: number, height: number, width: number): number {
  const columns = Math.sqrt((tiles * ASPECT * (height + GAP)) / (width + GAP));
  return Math.min(tiles, Math.max(1, Math.round(columns)));
}
