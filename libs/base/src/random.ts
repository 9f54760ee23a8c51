/**
 * The one seeded generator: xoshiro128** (Blackman & Vigna 2018), seeded by splitmix32 over a hash of a label. The same
 * seed and label give the same numbers on every machine. Derived streams (`fork`) are independent of how much the
 * parent has been used, so that adding a consumer does not shift the others.
 */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
}

/** All of a generator: what it goes on with, and what its forks come from. Two with the same identity give the same numbers. */
export interface RandomIdentity extends RandomState {
  /** A whole number in [0, 2^32), different for each seed and label. */
  readonly seed: number;
}

export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;
  private seed: number;

  constructor(seed: number, label = '') {
    this.seed = mix(seed >>> 0, label);
    let s = this.seed;
    const next = (): number => {
      s = (s + 0x9e3779b9) | 0;
      let z = s;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    };
    this.a = next();
    this.b = next();
    this.c = next();
    this.d = next();
  }

  /** The generator of that identity, e.g. on the other end of a wire. */
  static of({ seed, words }: RandomIdentity): Random {
    const random = new Random(0);
    random.seed = seed >>> 0;
    random.restore({ words });
    return random;
  }

  identity(): RandomIdentity {
    return { seed: this.seed, words: this.state().words };
  }

  /** A generator of its own for `label`, the same whenever it is asked for. */
  fork(label: string): Random {
    return new Random(this.seed, label);
  }

  /** A whole number, uniform in [0, 2^32). */
  uint32(): number {
    const result = Math.imul(rotl(Math.imul(this.b, 5), 7), 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = rotl(this.d, 11);
    return result;
  }

  /** Uniform in [0, 1), 32 bits. */
  uniform(): number {
    return this.uint32() / 4294967296;
  }

  /** A whole number, uniform in [0, bound); unbiased (what lies above the last whole multiple is drawn again). `bound` in 1..2^32. */
  below(bound: number): number {
    if (!(bound >= 1 && bound <= 4294967296))
      throw new RangeError(`bound must be from 1 to 2^32, but it is ${bound}`);
    const limit = 4294967296 - (4294967296 % bound);
    let value = this.uint32();
    while (value >= limit) value = this.uint32();
    return value % bound;
  }

  /** Standard normal (Box-Muller, one of the pair is dropped to keep the state small). */
  normal(): number {
    const u = 1 - this.uniform();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A permutation of 0..count-1 (Fisher-Yates). */
  permutation(count: number): Uint32Array {
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  }

  /** Where the generator stands: four whole numbers in [0, 2^32). */
  state(): RandomState {
    return { words: [this.a >>> 0, this.b >>> 0, this.c >>> 0, this.d >>> 0] };
  }

  /** Goes on from there; `fork` is not concerned. */
  restore(state: RandomState): void {
    [this.a, this.b, this.c, this.d] = state.words;
  }
}

function rotl(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** FNV-1a over the label, started from the seed. */
function mix(seed: number, label: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < label.length; i++) {
    hash ^= label.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
