/** A shared weight tensor as one arithmetic-coded stream: codebook, live rows and outputs, map of survivors, their codes. */
import type { Shape } from '@espalier/tensor';
import { normaliseShared, usesAllLevels, type SharedWeights } from '../shared-weights';
import { FOURTH_MODEL, type CoderModel } from './coder-model';
import { codeSurvivors } from './code-survivors';
import { codeCodebook, type CodebookForm, type StreamForm } from './codebook-code';
import type { OutputEnergies } from './feed';
import { SCAN_ORDERS, kernelView, scanOrdersFor, type ImageLayout, type ScanOrder } from './kernel-view';
import { codeLiveLines, liveLinesOf, type LiveLines } from './live-lines';
import { levelsOf, runOf, withRun } from './multiple-run';
import { RangeDecoder, RangeEncoder, type BinaryCoder } from './range-coder';
import { codeRaw } from './adaptive-bits';

export interface SharedLayout {
  readonly shape: Shape;
  readonly image?: ImageLayout;
  /** Of the tensor that writes what this one reads. */
  readonly energies?: OutputEnergies;
  /** Default: the newest. */
  readonly model?: CoderModel;
}

export interface ArithmeticStream {
  readonly bytes: Uint8Array;
  readonly order: ScanOrder;
  /** Where the bytes go; fractions, and the sum may differ from bytes by a byte. */
  readonly breakdown: { readonly codebook: number; readonly index: number; readonly values: number };
}

/** Up to so many weights every scan order is tried; beyond, it is chosen by a sample of so many. */
const TRY_ORDERS_UP_TO = 2 ** 19;
const SAMPLE_WEIGHTS = 2 ** 15;
/** Beyond this, walking down the outputs of a tensor whose rows lie in memory takes several times as long. */
const ANY_ORDER_UP_TO = 2 ** 22;

/**
 * The shortest stream over the scan orders, and over how multiples of a step are said; of a large tensor nearly. `shared` is normalised
 * (`normaliseShared`).
 */
export function encodeShared(
  shared: SharedWeights,
  layout: SharedLayout,
  form: CodebookForm,
): ArithmeticStream {
  const run = form.kind === 'step' ? runOf(shared.codebook, form.step) : undefined;
  if (shared.codes.length > TRY_ORDERS_UP_TO) {
    // A second body takes as long as the first, and no list of levels is a thousandth of it. Where all levels of the run are used it is the same.
    const isWhole = run && levelsOf(run).length === shared.codebook.length;
    return encodeOnce(shared, layout, isWhole ? { kind: 'run', run } : form);
  }
  const orders = ordersFor(shared, layout);
  const listed = shortestOver(orders, shared, layout, form);
  if (!run) return listed;
  const { order } = listed;
  const inRun = encodeInOrder(withRun(shared, run), layout, { form: { kind: 'run', run }, order });
  return inRun.bytes.length < listed.bytes.length ? inRun : listed;
}

/** In the order that is the shortest for a sample. */
function encodeOnce(shared: SharedWeights, layout: SharedLayout, form: StreamForm): ArithmeticStream {
  const sample = sampleOutputs(shared, layout);
  // Its live lines take as long as all the rest, and as many bytes in any order.
  const view = kernelView(sample.shape, layout.image);
  const known = { ...layout, shape: sample.shape, live: liveLinesOf(view, sample.codes) };
  const { order } = shortestOver(ordersFor(shared, layout), sample, known, form);
  return encodeInOrder(shared, layout, { form, order });
}

function ordersFor({ codes }: SharedWeights, { shape, image }: SharedLayout): readonly ScanOrder[] {
  return scanOrdersFor(kernelView(shape, image)).filter(
    (order) => codes.length <= ANY_ORDER_UP_TO || order.startsWith('rows'),
  );
}

function shortestOver(
  orders: readonly ScanOrder[],
  shared: SharedWeights,
  layout: SharedLayout & { readonly live?: LiveLines },
  form: StreamForm,
): ArithmeticStream {
  return orders
    .map((order) => encodeInOrder(shared, layout, { form, order }))
    .reduce((best, stream) => (stream.bytes.length < best.bytes.length ? stream : best));
}

/** The same tensor with fewer outputs: neighbours among inputs stay neighbours. */
function sampleOutputs(
  { codes, codebook }: SharedWeights,
  { shape }: SharedLayout,
): SharedWeights & { readonly shape: Shape } {
  const outputs = shape[shape.length - 1];
  const rows = codes.length / outputs;
  const count = Math.min(outputs, Math.max(1, Math.round(SAMPLE_WEIGHTS / rows)));
  const sampled = new Uint16Array(rows * count);
  for (let i = 0; i < count; i++) {
    const output = Math.floor((i * outputs) / count);
    for (let row = 0; row < rows; row++) sampled[row * count + i] = codes[row * outputs + output];
  }
  return { codes: sampled, codebook, shape: [...shape.slice(0, -1), count] };
}

function encodeInOrder(
  shared: SharedWeights,
  layout: SharedLayout & { readonly live?: LiveLines },
  { form, order }: { readonly form: StreamForm; readonly order: ScanOrder },
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
  const { codebook, isRun } = codeCodebook(coder);
  const codes = codeBody(coder, layout, { order, codebook });
  const shared = { codes, codebook };
  return isRun && !usesAllLevels(shared) ? normaliseShared(shared) : shared;
}

/** The codebook alone, of a run with the levels that no weight uses; reads no further. */
export function codebookOf(bytes: Uint8Array): Float32Array {
  const coder = new RangeDecoder(bytes);
  codeRaw(coder, 0, 2);
  return codeCodebook(coder).codebook;
}

function codeBody(
  coder: BinaryCoder,
  layout: SharedLayout & { readonly live?: LiveLines },
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
  const model = layout.model ?? FOURTH_MODEL;
  const live = layout.live ?? codeLiveLines(coder, { view, model, energies: layout.energies }, codes);
  const negative = codebook.filter((value) => value < 0).length;
  return codeSurvivors(coder, {
    scan: { view, live, order: given.order, model },
    split: { negative, positive: codebook.length - negative },
    codes,
    afterIndex: given.afterIndex,
  });
}
