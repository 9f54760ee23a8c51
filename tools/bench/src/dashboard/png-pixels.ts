/** The pixels of a PNG file as browsers write them: 8 bits, RGB or RGBA, not interlaced. And pixels as few colours, which pack well. */

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** [height, width] 0xrrggbb. */
  readonly colours: Uint32Array;
}

const CHANNELS: Readonly<Record<number, number>> = { 2: 3, 6: 4 };

/** @param header of IHDR; `rows` is what IDAT inflates to: a filter byte before each row */
export function pixelsOf(header: Buffer, rows: Uint8Array): Pixels {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colourType] = [header[8], header[9]];
  const channels = CHANNELS[colourType];
  if (depth !== 8 || channels === undefined) throw new Error('only RGB and RGBA of 8 bits are read');
  const stride = width * channels;
  const colours = new Uint32Array(width * height);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1);
    const row = unfiltered(rows[start], rows.slice(start + 1, start + 1 + stride), above, channels);
    for (let x = 0; x < width; x++) {
      const at = x * channels;
      colours[y * width + x] = (row[at] << 16) | (row[at + 1] << 8) | row[at + 2];
    }
    above = row;
  }
  return { width, height, colours };
}

/** PNG specification, section 9: filters. */
function unfiltered(
  filter: number,
  row: Uint8Array<ArrayBuffer>,
  above: Uint8Array,
  channels: number,
): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < row.length; i++) {
    const left = i >= channels ? row[i - channels] : 0;
    const corner = i >= channels ? above[i - channels] : 0;
    row[i] += predicted(filter, left, above[i], corner);
  }
  return row;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, corner);
    default:
      return 0;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value));
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

const MOST_COLOURS = 256;

export interface Indexed {
  /** 0xrrggbb, at most 256. */
  readonly palette: readonly number[];
  /** Of each picture: [height, width] places in the palette. */
  readonly pictures: readonly Uint8Array[];
}

/** One palette for all: the most frequent colours; the others become the nearest of these. */
export function indexed(pictures: readonly Pixels[]): Indexed {
  const counts = new Map<number, number>();
  for (const { colours } of pictures) {
    for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_COLOURS)
    .map(([colour]) => colour);
  const places = new Map(palette.map((colour, place) => [colour, place]));
  const placeOf = (colour: number): number => {
    const known = places.get(colour);
    if (known !== undefined) return known;
    const place = nearest(palette, colour);
    places.set(colour, place);
    return place;
  };
  return { palette, pictures: pictures.map(({ colours }) => Uint8Array.from(colours, placeOf)) };
}

function nearest(palette: readonly number[], colour: number): number {
  let best = 0;
  let least = Infinity;
  palette.forEach((other, place) => {
    const apart = [16, 8, 0].reduce(
      (sum, shift) => sum + (((other >> shift) & 255) - ((colour >> shift) & 255)) ** 2,
      0,
    );
    if (apart >= least) return;
    least = apart;
    best = place;
  });
  return best;
}
