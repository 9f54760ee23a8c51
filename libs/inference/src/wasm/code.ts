/**
 * WebAssembly instructions as expressions: each function gives the bytes of an instruction behind those of its operands, so
 * that code nests as it reads. Addresses are byte offsets into the one memory; a fixed part of an address goes into `offset`,
 * where it costs nothing. Alignment is only a hint and always given as 0.
 */

export type Code = readonly number[];

/** LEB128, unsigned. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest === 0 ? low : low | 0x80);
    if (rest === 0) return bytes;
  }
}

/** LEB128, signed, 32 bits. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const binary =
  (...opcode: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
const load =
  (...opcode: number[]) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, 0, ...unsigned(offset)];
const store =
  (...opcode: number[]) =>
  (address: Code, value: Code, offset = 0): Code => [...address, ...value, ...opcode, 0, ...unsigned(offset)];
const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: load(0x28),
  load8: load(0x2d),
  load16: load(0x2f),
  store: store(0x36),
  add: binary(0x6a),
  subtract: binary(0x6b),
  multiply: binary(0x6c),
  and: binary(0x71),
  shiftLeft: (a: Code, bits: number): Code => (bits === 0 ? a : [...a, ...i32.const(bits), 0x74]),
  /** Filled up with zeros. */
  shiftRight: (a: Code, bits: number): Code => (bits === 0 ? a : [...a, ...i32.const(bits), 0x76]),
  lessThan: binary(0x49),
} as const;

export const f32 = {
  load: load(0x2a),
  store: store(0x38),
  add: binary(0x92),
  multiply: binary(0x94),
  /** 1 where the two differ, else 0; an i32. */
  differs: binary(0x5c),
  zero: [0x43, 0, 0, 0, 0] as Code,
} as const;

/** Four float32. */
export const f32x4 = {
  load: load(...vector(0x00)),
  /** One float32, four times. */
  loadSplat: load(...vector(0x09)),
  /** `into` with one of its lanes read from memory. */
  loadLane: (address: Code, into: Code, { offset, lane }: { offset: number; lane: number }): Code => [
    ...address,
    ...into,
    ...vector(0x56),
    0,
    ...unsigned(offset),
    lane,
  ],
  /** One float32 and three zeros. */
  loadFirst: load(...vector(0x5c)),
  store: store(...vector(0x0b)),
  /** One of its lanes. */
  storeLane: (address: Code, value: Code, { offset, lane }: { offset: number; lane: number }): Code => [
    ...address,
    ...value,
    ...vector(0x5a),
    0,
    ...unsigned(offset),
    lane,
  ],
  /** `into` with one of its lanes replaced by a float32. */
  insertLane: (into: Code, value: Code, lane: number): Code => [...into, ...value, ...vector(0x20), lane],
  lane: (a: Code, lane: number): Code => [...a, ...vector(0x1f), lane],
  splat: (a: Code): Code => [...a, ...vector(0x13)],
  zero: [...vector(0x0c), ...new Array<number>(16).fill(0)] as Code,
  add: binary(...vector(0xe4)),
  multiply: binary(...vector(0xe6)),
  /** b where a < b, else a: one instruction on every processor, where `max` takes several. */
  larger: binary(...vector(0xeb)),
  /** Lanes by number: 0 to 3 of a, 4 to 7 of b. */
  shuffle: (a: Code, b: Code, lanes: readonly number[]): Code => [
    ...a,
    ...b,
    ...vector(0x0d),
    ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
  ],
} as const;

export function sequence(...parts: readonly Code[]): Code {
  return parts.flat();
}

/** `body` once, and again as long as `condition` holds. */
export function doWhile(body: Code, condition: Code): Code {
  return [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];
}

export function whenever(condition: Code, body: Code): Code {
  return [...condition, 0x04, 0x40, ...body, 0x0b];
}

export function whileLoop(condition: Code, body: Code): Code {
  return whenever(condition, doWhile(body, condition));
}

export const VALUE_TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
export type ValueType = keyof typeof VALUE_TYPES;

/** A local variable. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
  /** Sets it and leaves the value. */
  tee(value: Code): Code;
}

/** The locals of one function. */
export class Locals {
  private readonly types: ValueType[] = [];

  i32(): Local {
    return this.add('i32');
  }

  f32(): Local {
    return this.add('f32');
  }

  v128(): Local {
    return this.add('v128');
  }

  /** Their declaration, as it stands before the code of a function. */
  declaration(): Code {
    return [...unsigned(this.types.length), ...this.types.flatMap((type) => [1, VALUE_TYPES[type]])];
  }

  private add(type: ValueType): Local {
    const index = unsigned(this.types.push(type) - 1);
    return {
      get: [0x20, ...index],
      set: (value) => [...value, 0x21, ...index],
      tee: (value) => [...value, 0x22, ...index],
    };
  }
}

/** `body` for counter = 0, step, 2 step, ... below `end`, which is at least one step. */
export function count(counter: Local, { end, step }: { end: number; step: number }, body: Code): Code {
  if (end <= step) return [...counter.set(i32.const(0)), ...body];
  return [
    ...counter.set(i32.const(0)),
    ...doWhile(body, i32.lessThan(counter.tee(i32.add(counter.get, i32.const(step))), i32.const(end))),
  ];
}
