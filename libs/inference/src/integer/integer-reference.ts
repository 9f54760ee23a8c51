/** The quantised network in plain loops: what the kernels are tested against, to the bit. */
import type { IntegerStep, KernelStep, PoolStep, QuantisedNetwork } from './quantised-network';
import { sizeOf } from '@espalier/tensor';

/** input [batch, ...network.input] -> logits [batch, classes] */
export function runIntegerReference(
  { network, input, steps }: QuantisedNetwork,
  values: Float32Array,
  batch = 1,
): Float32Array {
  const size = sizeOf(network.input);
  const answers = Array.from({ length: batch }, (_, b) => {
    let codes: ArrayLike<number> = quantiseInput(values.subarray(b * size, (b + 1) * size), input);
    for (const step of steps) codes = runStep(step, codes);
    return codes;
  });
  const last = steps[steps.length - 1];
  const classes = last.to.channels * last.to.height * last.to.width;
  const logits = new Float32Array(batch * classes);
  answers.forEach((answer, b) => {
    for (let i = 0; i < classes; i++) logits[b * classes + i] = answer[i];
  });
  return logits;
}

/** Codes of what comes in. */
export function quantiseInput(
  values: Float32Array,
  { scale, isUnsigned }: { readonly scale: number; readonly isUnsigned: boolean },
): Uint8Array | Int8Array {
  const unit = 1 / scale;
  if (isUnsigned) {
    // Rounds to the nearest and keeps within 0 to 255 as it stores.
    const clamped = new Uint8ClampedArray(values.length);
    for (let i = 0; i < values.length; i++) clamped[i] = values[i] * unit;
    return new Uint8Array(clamped.buffer);
  }
  return Int8Array.from(values, (value) => Math.max(-127, Math.min(127, Math.round(value * unit))));
}

function runStep(step: IntegerStep, codes: ArrayLike<number>): ArrayLike<number> {
  return step.kind === 'pool' ? pool(step, codes) : kernel(step, codes);
}

function kernel(
  { from, to, window, weights, inputs, bias, factors, output }: KernelStep,
  codes: ArrayLike<number>,
): number[] {
  const result: number[] = [];
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++) {
      for (let o = 0; o < to.stride; o++) {
        let sum = bias[o];
        for (let ky = 0; ky < window.size[0]; ky++) {
          for (let kx = 0; kx < window.size[1]; kx++) {
            const row = y * window.stride[0] + ky - window.before[0];
            const column = x * window.stride[1] + kx - window.before[1];
            if (row < 0 || row >= from.height || column < 0 || column >= from.width) continue;
            for (let c = 0; c < from.channels; c++) {
              const code = codes[(row * from.width + column) * from.stride + c];
              sum += code * weights[o * inputs + (ky * window.size[1] + kx) * from.stride + c];
            }
          }
        }
        const value = Math.fround(Math.fround(sum) * factors[o]);
        result.push(output ? clip(toEven(value), output.isUnsigned) : value);
      }
    }
  }
  // Logits are not padded.
  return output ? result : result.filter((_, i) => i % to.stride < to.channels);
}

function pool({ from, to, size, stride }: PoolStep, codes: ArrayLike<number>): number[] {
  const result: number[] = [];
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++) {
      for (let c = 0; c < to.stride; c++) {
        let most = -Infinity;
        for (let ky = 0; ky < size[0]; ky++) {
          for (let kx = 0; kx < size[1]; kx++) {
            const at = ((y * stride[0] + ky) * from.width + x * stride[1] + kx) * from.stride + c;
            most = Math.max(most, codes[at]);
          }
        }
        result.push(most);
      }
    }
  }
  return result;
}

function clip(value: number, isUnsigned: boolean): number {
  return isUnsigned ? Math.min(255, Math.max(0, value)) : Math.min(127, Math.max(-128, value));
}

/** To the nearest whole number, ties to the even one. */
function toEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
