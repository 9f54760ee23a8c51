/** A sparse tensor whose survivors share nothing: the map of survivors as in the shared form, then their float32 bits as they are. */
import { float32Bits } from '../float16';
import { codeRaw } from './adaptive-bits';
import { FOURTH_MODEL } from './coder-model';
import { codeSurvivors } from './code-survivors';
import { kernelView } from './kernel-view';
import { codeLiveLines } from './live-lines';
import { RangeDecoder, RangeEncoder, type BinaryCoder } from './range-coder';
import type { ArithmeticStream, SharedLayout } from './shared-coder';

/** `values` [..., outputs]; zeros are removed weights and come back as +0. */
export function encodeSparse(values: Float32Array, layout: SharedLayout): ArithmeticStream {
  const coder = new RangeEncoder();
  const bits = { index: 0 };
  codeSparse(coder, layout, { values, afterIndex: () => (bits.index = coder.bitsSpent) });
  const total = coder.bitsSpent;
  return {
    bytes: coder.finish(),
    order: 'rows',
    breakdown: { codebook: 0, index: bits.index / 8, values: (total - bits.index) / 8 },
  };
}

export function decodeSparse(bytes: Uint8Array, layout: SharedLayout): Float32Array {
  return codeSparse(new RangeDecoder(bytes), layout);
}

function codeSparse(
  coder: BinaryCoder,
  layout: SharedLayout,
  given?: { readonly values: Float32Array; readonly afterIndex: () => void },
): Float32Array {
  const view = kernelView(layout.shape, layout.image);
  const codes = given && Uint16Array.from(given.values, (value) => (value === 0 ? 0 : 1));
  const model = layout.model ?? FOURTH_MODEL;
  const live = codeLiveLines(coder, { view, model, energies: layout.energies }, codes);
  const map = codeSurvivors(coder, {
    scan: { view, live, order: 'rows', model },
    codes,
    afterIndex: given?.afterIndex,
  });
  const words = new Uint32Array(view.rows * view.outputs);
  for (let i = 0; i < words.length; i++) {
    if (map[i]) words[i] = codeRaw(coder, given ? float32Bits(given.values[i]) : 0, 32);
  }
  return new Float32Array(words.buffer);
}
