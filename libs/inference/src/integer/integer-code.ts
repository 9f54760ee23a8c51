/** The WebAssembly instructions that only the integer kernels use; `wasm/code.ts` has the others. */
import { unsigned, type Code } from '../wasm/code';

const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...vector(opcode)];
const unary =
  (opcode: number) =>
  (a: Code): Code => [...a, ...vector(opcode)];
const load =
  (opcode: number) =>
  (address: Code, offset = 0): Code => [...address, ...vector(opcode), 0, ...unsigned(offset)];

/** Eight int16, from eight bytes. */
export const i16x8 = { loadSigned: load(0x01), loadUnsigned: load(0x02) } as const;

/** Four int32. */
export const i32x4 = {
  add: binary(0xae),
  /** Pairs of products of int16, summed. */
  dot: binary(0xba),
  toFloat: unary(0xfa),
} as const;

/** Sixteen bytes. */
export const i8x16 = { largerSigned: binary(0x78), largerUnsigned: binary(0x79) } as const;

/** Four float32, rounded to the nearest (ties to even), as four bytes from -128 to 127 or 0 to 255: what is beyond becomes the end. */
export function toBytes(floats: Code, isUnsigned: boolean): Code {
  const rounded = [...floats, ...vector(0x6a), ...vector(0xf8)];
  return [...rounded, ...ZERO, ...vector(0x85), ...ZERO, ...vector(isUnsigned ? 0x66 : 0x65)];
}

const ZERO: Code = [...vector(0x0c), ...new Array<number>(16).fill(0)];

/** Copies bytes that do not overlap. */
export function copyBytes(to: Code, from: Code, length: Code): Code {
  return [...to, ...from, ...length, 0xfc, 0x0a, 0, 0];
}
