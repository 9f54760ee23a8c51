/** Comparing and describing what a plugin gives. */
import type { Shape } from '@espalier/tensor';
import { wrong } from './check';

export type Numbers = Float32Array | Uint32Array | Uint16Array | Int8Array | Uint8Array;

/** By name and not by `instanceof`: a plugin may come from another realm. */
export function requireArray(value: unknown, type: string, length: number, where: string): void {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag !== type) wrong(`${where}: it gave ${article(tag)}, not ${article(type)}`);
  const actual = (value as Numbers).length;
  if (actual !== length) wrong(`${where}: it gave ${actual} values, not ${length}`);
}

export function requireFiniteNumbers(values: Float32Array, what: string, where: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) wrong(`${where}: ${what} ${at} is ${values[at]}`);
}

/** Bit for bit: -0 and +0 differ. */
export function sameBits(a: Numbers, b: Numbers): boolean {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

/** Where two arrays of one kind differ first. */
export function firstDifference(a: Numbers, b: Numbers): string {
  const at = Array.from(a).findIndex((value, i) => !Object.is(value, b[i]));
  return at < 0 ? `${a.length} values against ${b.length}` : `value ${at} is ${a[at]} and then ${b[at]}`;
}

/** A copy that lies inside a larger buffer, with other numbers around it: as tensors that came over a wire do. */
export function insideLargerBuffer<T extends Numbers>(values: T): T {
  const margin = 16;
  const bytes = new Uint8Array(values.byteLength + 2 * margin).fill(0x41);
  bytes.set(bytesOf(values), margin);
  const Type = values.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T;
  return new Type(bytes.buffer, margin, values.length);
}

export function describeCase(parts: {
  readonly shape?: Shape;
  readonly what?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}): string {
  const { shape, what, options } = parts;
  return [
    ...(shape ? [`shape [${shape.join(', ')}]`] : []),
    ...(what ? [what] : []),
    ...(options && Object.keys(options).length > 0 ? [`options ${JSON.stringify(options)}`] : []),
  ].join(', ');
}

export function article(noun: string): string {
  return /^[aeiou]/i.test(noun) && !/^U(int|ndef)/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function bytesOf(values: Numbers): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
