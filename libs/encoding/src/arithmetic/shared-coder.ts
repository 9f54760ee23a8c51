/** A shared weight tensor as one arithmetic-coded stream: codebook, live rows and outputs, map of survivors, their codes. */
import type { Shape } from '@espalier/tensor';
import type { SharedWeights } from '../shared-weights';
import { codeSurvivors } from './code-survivors';
import { codeCodebook, type CodebookForm } from './codebook-code';
import { SCAN_ORDERS, kernelView, scanOrdersFor, type ImageLayout, type ScanOrder } from './kernel-view';
import { codeLiveLines } from './live-lines';
import { RangeDecoder, RangeEncoder, type BinaryCoder } from './range-coder';
import { codeRaw } from './adaptive-bits';

export interface SharedLayout {
  readonly shape: Shape;
  readonly image?: ImageLayout;
}

export interface ArithmeticStream {
  readonly bytes: Uint8Array;
  readonly order: ScanOrder;
  /** Where the bytes go; fractions, and the sum may differ from bytes by a byte. */
  readonly breakdown: { readonly codebook: number; readonly index: number; readonly values: number };
}

/** Trying every scan order costs one encoding each; beyond this many weights only the first is used. */
const TRY_ORDERS_BELOW = 2 ** 22;

/** The shortest stream over the scan orders. `shared` is normalised (`normaliseShared`). */
export function encodeShared(
  shared: SharedWeights,
  layout: SharedLayout,
  form: CodebookForm,
): ArithmeticStream {
  const orders = scanOrdersFor(kernelView(layout.shape, layout.image));
  const tried = shared.codes.length < TRY_ORDERS_BELOW ? orders : orders.slice(0, 1);
  return tried
    .map((order) => encodeInOrder(shared, layout, { form, order }))
    .reduce((best, stream) => (stream.bytes.length < best.bytes.length ? stream : best));
}

function encodeInOrder(
  shared: SharedWeights,
  layout: SharedLayout,
  { form, order }: { readonly form: CodebookForm; readonly order: ScanOrder },
): ArithmeticStream {
  const coder = new RangeEncoder();
  codeRaw(coder, SCAN_ORDERS.indexOf(order), 2);
  codeCodebook(coder, { codebook: shared.codebook, form });
  const codebook = coder.bitsSpent;
  const index = { bits: 0 };
  codeBody(coder, layout, { order, shared, afterIndex: () => (index.bits = coder.bitsSpent) });
  const total = coder.bitsSpent;
  const bytes = coder.finish();
  return {
    bytes,
    order,
    breakdown: {
      codebook: codebook / 8,
      index: (index.bits - codebook) / 8,
      values: (total - index.bits) / 8,
    },
  };
}

/** The shared weights back. Throws ENCODING_STREAM for a codebook that is none. */
export function decodeShared(bytes: Uint8Array, layout: SharedLayout): SharedWeights {
  const coder = new RangeDecoder(bytes);
  const order = SCAN_ORDERS[codeRaw(coder, 0, 2)];
  const codebook = codeCodebook(coder);
  const codes = codeBody(coder, layout, { order, codebook });
  return { codes, codebook };
}

/** The codebook alone; reads no further. */
export function codebookOf(bytes: Uint8Array): Float32Array {
  const coder = new RangeDecoder(bytes);
  codeRaw(coder, 0, 2);
  return codeCodebook(coder);
}

function codeBody(
  coder: BinaryCoder,
  layout: SharedLayout,
  given: {
    readonly order: ScanOrder;
    readonly codebook?: Float32Array;
    readonly shared?: SharedWeights;
    readonly afterIndex?: () => void;
  },
): Uint16Array {
  const view = kernelView(layout.shape, layout.image);
  const codebook = given.shared?.codebook ?? given.codebook ?? new Float32Array(0);
  const codes = given.shared?.codes;
  if (codebook.length === 0) {
    given.afterIndex?.();
    return new Uint16Array(view.rows * view.outputs);
  }
  const live = codeLiveLines(coder, view, codes);
  const negative = codebook.filter((value) => value < 0).length;
  return codeSurvivors(coder, {
    scan: { view, live, order: given.order },
    split: { negative, positive: codebook.length - negative },
    codes,
    afterIndex: given.afterIndex,
  });
}
