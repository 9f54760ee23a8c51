/** What a viewer gets to see of a layer: its mask as a picture, a histogram of what is kept, its codebook. */
import { VIEW_LIMITS, type LayerView } from '@espalier/protocol';
import { Mask, type Shape } from '@espalier/tensor';
import { histogramOf, histogramOfShared, type Codebook } from './histogram';
import { pictureOf } from './picture';

export interface ViewedLayer {
  readonly name: string;
  /** dense [in, out], conv [kh, kw, in / groups, out] */
  readonly shape: Shape;
  /** Row-major, of that shape; not needed where there are codes. */
  readonly weights?: Float32Array;
  /** Absent: weights that are not zero are kept. */
  readonly mask?: Mask;
  readonly shared?: SharedLayer;
  /** Magnitude below which weights were removed, where weights were removed by their magnitude. */
  readonly threshold?: number;
}

export interface SharedLayer {
  /** Row-major; 0 is removed, else 1 + the place in the codebook. */
  readonly codes: Uint16Array;
  readonly codebook: Float32Array;
  /** Weights that are the negative of their value. */
  readonly negative?: Mask;
}

export function layerView({ name, shape, weights, shared, threshold, ...given }: ViewedLayer): LayerView {
  const mask = given.mask ?? nonZero(shape, shared?.codes ?? weights ?? new Float32Array(0));
  const codebook = shared && usageOf(shared);
  const histogram = codebook
    ? histogramOfShared(codebook)
    : weights && histogramOf(weights, mask, threshold === undefined ? [] : [threshold]);
  const picture = pictureOf(mask);
  const isShort = codebook && codebook.centroids.length <= VIEW_LIMITS.maxBars;
  return {
    name,
    kind: kindOf(shape),
    shape: [...shape],
    weights: mask.size,
    kept: mask.count(),
    ...(picture && { picture }),
    ...(histogram && { histogram }),
    ...(isShort && { codebook }),
  };
}

function kindOf({ length }: Shape): LayerView['kind'] {
  if (length === 2) return 'dense';
  return length === 4 ? 'conv' : 'other';
}

/** As `Mask.fromFlags`, a byte at a time: here it is done to every layer of a network. */
function nonZero(shape: Shape, values: Float32Array | Uint16Array): Mask {
  const mask = Mask.empty(shape);
  for (let byte = 0; byte < mask.bits.length; byte++) {
    const first = byte * 8;
    const end = Math.min(8, values.length - first);
    let bits = 0;
    for (let i = 0; i < end; i++) bits |= Number(values[first + i] !== 0) << i;
    mask.bits[byte] = bits;
  }
  return mask;
}

/** The values that weights have, ascending when the codebook is, and how many have each. */
function usageOf({ codes, codebook, negative }: SharedLayer): Codebook {
  const counts = new Uint32Array(codebook.length + 1);
  const negatives = new Uint32Array(codebook.length + 1);
  for (let i = 0; i < codes.length; i++) {
    if (negative?.get(i)) negatives[codes[i]]++;
    else counts[codes[i]]++;
  }
  const positive = { centroids: [...codebook], counts: [...counts.subarray(1)] };
  if (!negative) return positive;
  return {
    centroids: [...positive.centroids.map((value) => -value).reverse(), ...positive.centroids],
    counts: [...[...negatives.subarray(1)].reverse(), ...positive.counts],
  };
}
