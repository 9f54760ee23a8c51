/** The range coder (src/arithmetic/range-coder.ts), going on from where the host's stands and handing back where it ended. */
import {
  CODER_HELD,
  CODER_LOW,
  CODER_PENDING,
  CODER_RANGE,
  DECODING,
  FAILED,
  PARAMETERS,
  STREAM,
  STREAM_END,
  parameter,
  pointer,
} from './memory';

const BOTTOM: u32 = 1 << 24;
/** Zeros that the decoder supplies behind the end. */
const FLUSH_BYTES: usize = 4;

export let decoding: bool = false;
let range: u32 = 0;
/** Encoder: the lower bound, 33 bits. Decoder: the value. */
let low: u64 = 0;
let held: i32 = 0;
let pending: u32 = 0;
let at: usize = 0;
let end: usize = 0;
export let failed: bool = false;

export function openCoder(): void {
  decoding = parameter(DECODING) !== 0;
  range = <u32>parameter(CODER_RANGE);
  low = load<u64>(PARAMETERS + (CODER_LOW << 2));
  held = parameter(CODER_HELD);
  pending = <u32>parameter(CODER_PENDING);
  at = pointer(STREAM);
  end = pointer(STREAM_END);
  failed = false;
}

export function closeCoder(): void {
  store<u32>(PARAMETERS + (CODER_RANGE << 2), range);
  store<u64>(PARAMETERS + (CODER_LOW << 2), low);
  store<i32>(PARAMETERS + (CODER_HELD << 2), held);
  store<u32>(PARAMETERS + (CODER_PENDING << 2), pending);
  store<u32>(PARAMETERS + (STREAM << 2), <u32>at);
  store<i32>(PARAMETERS + (FAILED << 2), failed ? 1 : 0);
}

export function codeBit(bit: i32, p1: u32): i32 {
  const bound = (range >>> 16) * p1;
  if (decoding) {
    const value = <u32>low;
    if (value < bound) {
      range = bound;
      bit = 1;
    } else {
      low = <u64>(value - bound);
      range -= bound;
      bit = 0;
    }
    while (range < BOTTOM) {
      range <<= 8;
      low = <u64>(((<u32>low) << 8) | nextByte());
    }
  } else {
    if (bit) {
      range = bound;
    } else {
      low += <u64>bound;
      range -= bound;
    }
    while (range < BOTTOM) {
      range <<= 8;
      shift();
    }
  }
  return bit;
}

function nextByte(): u32 {
  const from = at++;
  if (from < end) return <u32>load<u8>(from);
  if (from >= end + FLUSH_BYTES) failed = true;
  return 0;
}

function shift(): void {
  const carry = <i32>(low >> 32);
  if (carry !== 0 || low < 0xff000000) {
    if (held >= 0) emit(held + carry);
    for (; pending > 0; pending--) emit(0xff + carry);
    held = (<i32>(low >> 24)) & 0xff;
  } else {
    pending++;
  }
  low = (low & 0xffffff) << 8;
}

/** The stream is the last thing in memory, so it can grow. */
function emit(byte: i32): void {
  if (at >= (<usize>memory.size()) << 16) memory.grow(16);
  store<u8>(at++, <u8>byte);
}
