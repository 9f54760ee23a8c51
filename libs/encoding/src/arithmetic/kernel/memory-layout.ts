/** Where the kernel finds what it needs: tables at fixed addresses, a block of parameters, and arrays that those point to. */
import { FRESH_SLOT } from '../adaptive-bits';
import { SQUASH, STRETCH } from '../logistic';
import { startingWeight, type MixedBitsShape } from '../mixed-bits';

/** Fixed addresses; `assembly/memory.ts` has the same. */
const TABLES = { stretch: 0, squash: 131072 } as const;
const PARAMETERS_AT = 146432;
const FIRST_FREE = 147456;

/** The parameters by name, Int32 each (`low` is 64 bits); `assembly/memory.ts` has the same numbers. */
export const PARAMETERS = {
  decoding: 0,
  byRows: 1,
  width: 2,
  height: 3,
  channels: 4,
  rows: 5,
  outputs: 6,
  spatial: 7,
  negative: 8,
  positive: 9,
  depth: 10,
  scanned: 11,
  scannedCount: 12,
  live: 13,
  liveCount: 14,
  codes: 15,
  sums: 16,
  taps: 17,
  beside: 18,
  before: 19,
  after: 20,
  rankInChannel: 21,
  rowKept: 22,
  besideKept: 23,
  outputKept: 24,
  kernelKept: 25,
  offsets: 26,
  offsetCount: 27,
  rowLine: 28,
  outputLine: 29,
  allLine: 30,
  mapMixer: 31,
  signMixer: 32,
  rankMixer: 33,
  stream: 34,
  streamEnd: 35,
  range: 36,
  low: 38,
  held: 40,
  pending: 41,
  failed: 42,
  voteShares: 43,
  alongPlaces: 44,
  alongCells: 45,
  alongRings: 46,
  acrossPlaces: 47,
  acrossCells: 48,
  acrossRings: 49,
  mixedBits: 50,
  lowBits: 51,
  trial: 52,
  twice: 53,
  around: 54,
  prepared: 55,
  sources: 56,
  calm: 57,
} as const;

export type Parameter = keyof typeof PARAMETERS;

/** Of one set: tables, and opinions from the ninth on. */
const MIXER_INPUTS = 16;

type Filler = (buffer: ArrayBuffer) => void;

/** Collects what is wanted in memory; once its size is known and memory is there, `fill` writes it. */
export class MemoryLayout {
  private next = FIRST_FREE;
  private readonly fillers: Filler[] = [];

  /** Bytes of memory up to here. */
  get size(): number {
    return this.next;
  }

  /** Room for zeros. */
  zeros(bytes: number): number {
    const at = this.next;
    this.next = at + 16 * Math.ceil(bytes / 16);
    return at;
  }

  bytes(values: Uint8Array): number {
    const at = this.zeros(values.length);
    this.fillers.push((buffer) => new Uint8Array(buffer, at, values.length).set(values));
    return at;
  }

  words(values: ArrayLike<number>): number {
    const at = this.zeros(4 * values.length);
    this.fillers.push((buffer) => new Int32Array(buffer, at, values.length).set(values));
    return at;
  }

  /** Adaptive slots that were never used. */
  slots(count: number): number {
    const at = this.zeros(4 * count);
    this.fillers.push((buffer) => new Uint32Array(buffer, at, count).fill(FRESH_SLOT));
    return at;
  }

  /** A mixer as `MixedBits` has it, in its first state; `fraction` as in its rule. */
  mixer({ tables, opinions, sets: firstSets, secondSets = 0 }: MixedBitsShape, fraction: number): number {
    const sets = firstSets + secondSets;
    const count = tables.length + opinions;
    const slots = this.slots(tables.reduce((sum, size) => sum + size, 0));
    const weights = this.zeros(4 * MIXER_INPUTS * sets);
    const uses = this.zeros(4 * sets);
    this.fillers.push((buffer) => {
      // Of inputs that there are not, too: they are 0, and their weights stay as they are.
      new Int32Array(buffer, weights, MIXER_INPUTS * sets).fill(startingWeight(count) << (fraction - 16));
    });
    return this.words([0, weights, uses, slots]);
  }

  fill(buffer: ArrayBuffer): void {
    new Int16Array(buffer, TABLES.stretch, STRETCH.length).set(STRETCH);
    new Uint16Array(buffer, TABLES.squash, SQUASH.length).set(SQUASH);
    for (const write of this.fillers) write(buffer);
  }
}

/** The parameters in `buffer`. Views die when memory grows, so one is made for every access. */
export function setParameters(buffer: ArrayBuffer, values: Partial<Record<Parameter, number>>): void {
  const words = new Uint32Array(buffer, PARAMETERS_AT);
  for (const [name, value] of Object.entries(values)) {
    const at = PARAMETERS[name as Parameter];
    words[at] = value;
    if (name === 'low') words[at + 1] = Math.floor(value / 2 ** 32);
  }
}

export function parameter(buffer: ArrayBuffer, name: Parameter): number {
  const words = new Uint32Array(buffer, PARAMETERS_AT);
  const at = PARAMETERS[name];
  return name === 'low' ? words[at] + words[at + 1] * 2 ** 32 : words[at];
}
