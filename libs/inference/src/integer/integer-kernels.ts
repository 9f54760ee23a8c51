/**
 * The steps of a quantised network as WebAssembly: windows are laid out behind each other, then four outputs of one or two positions at a
 * time are summed over eight inputs an instruction (`i32x4.dot_i16x8_s`).
 */
import { Locals, count, f32x4, i32, sequence, type Code, type Local } from '../wasm/code';
import type { Arena } from '../wasm/arena';
import type { ModuleBuilder } from '../wasm/module-builder';
import { copyBytes, i16x8, i32x4, i8x16, toBytes } from './integer-code';
import type { KernelStep, PoolStep } from './quantised-network';

const VECTOR = 16;
const HALF = 8;
const LANES = 4;

interface Target {
  readonly arena: Arena;
  readonly module: ModuleBuilder;
  readonly name: string;
}

/** @returns the address of what it gives: codes [height, width, stride], or float32 logits */
export function addKernelStep({ arena, module, name }: Target, step: KernelStep, input: number): number {
  const { to, window, inputs, inputIsUnsigned, output } = step;
  const positions = to.height * to.width;
  const locals = new Locals();
  const { address: padded, code: padding } = padInput(arena, locals, { step, input });
  // Windows are widened to int16 once, as they are laid out; so are the weights that all positions share.
  const isWide = !isWhole(step);
  const width = isWide ? 2 : 1;
  const windows = isWide
    ? layOutWindows(arena, locals, { step, input: padded })
    : { address: padded, code: [] };
  const weights = arena.place(new Uint8Array((isWide ? Int16Array.from(step.weights) : step.weights).buffer));
  const bias = arena.place(new Uint8Array(step.bias.buffer));
  const factors = arena.place(step.factors);
  const bytesOut = output ? 1 : 4;
  const result = arena.reserve((bytesOut * positions * to.stride) / 4);

  const rows = positions % 2 === 0 ? 2 : 1;
  const [at, group, row, x, w] = Array.from({ length: 5 }, () => locals.i32());
  const k = locals.i32();
  const sums = Array.from({ length: rows * LANES }, () => locals.v128());
  const loaded = Array.from({ length: rows }, () => locals.v128());
  const narrow = inputIsUnsigned ? i16x8.loadUnsigned : i16x8.loadSigned;
  const loadInput = isWide ? f32x4.load : narrow;
  const loadWeights = isWide ? f32x4.load : i16x8.loadSigned;

  const half = (offset: number): Code =>
    sequence(
      ...loaded.map((local, r) =>
        local.set(loadInput(x.get, windows.address + width * (r * inputs + offset))),
      ),
      ...Array.from({ length: LANES }, (_, lane) =>
        sequence(
          ...loaded.map((local, r) => {
            const sum = sums[r * LANES + lane];
            const products = i32x4.dot(
              local.get,
              loadWeights(w.get, weights + width * (lane * inputs + offset)),
            );
            return sum.set(i32x4.add(sum.get, products));
          }),
        ),
      ),
    );
  const eachVector = sequence(
    half(0),
    half(HALF),
    x.set(i32.add(x.get, i32.const(width * VECTOR))),
    w.set(i32.add(w.get, i32.const(width * VECTOR))),
  );
  const finish = (r: number): Code => {
    const [a, b, c, d] = sums.slice(r * LANES, (r + 1) * LANES);
    const biased = i32x4.add(lanesSummed(a, b, c, d), f32x4.load(i32.shiftLeft(group.get, 2), bias));
    const scaled = f32x4.multiply(i32x4.toFloat(biased), f32x4.load(i32.shiftLeft(group.get, 2), factors));
    const address = i32.add(at.get, group.get);
    if (!output) return f32x4.store(i32.shiftLeft(address, 2), scaled, result + 4 * r * to.stride);
    return f32x4.storeLane(address, toBytes(scaled, output.isUnsigned), {
      offset: result + r * to.stride,
      lane: 0,
    });
  };
  const eachGroup = sequence(
    ...sums.map((sum) => sum.set(f32x4.zero)),
    x.set(row.get),
    w.set(i32.multiply(group.get, i32.const(width * inputs))),
    count(k, { end: inputs, step: VECTOR }, eachVector),
    ...loaded.map((_, r) => finish(r)),
  );
  const position = locals.i32();
  const eachPosition = sequence(
    row.set(i32.multiply(position.get, i32.const(width * inputs))),
    at.set(i32.multiply(position.get, i32.const(to.stride))),
    count(group, { end: to.stride, step: LANES }, eachGroup),
  );
  module.add(
    name,
    locals,
    sequence(padding, windows.code, count(position, { end: positions, step: rows }, eachPosition)),
  );
  return result;

  /** One window that is all of the input, whose rows lie behind each other. */
  function isWhole({ from }: KernelStep): boolean {
    return positions === 1 && window.size[0] === from.height && window.size[1] === from.width;
  }
}

/** The largest of each window, channel by channel. @returns the address of [height, width, stride] */
export function addPoolStep(
  { arena, module, name }: Target,
  { from, to, size, stride, isUnsigned }: PoolStep,
  input: number,
): number {
  const result = arena.reserve((to.height * to.width * to.stride) / 4);
  const locals = new Locals();
  const [y, x, c, at, target] = Array.from({ length: 5 }, () => locals.i32());
  const larger = isUnsigned ? i8x16.largerUnsigned : i8x16.largerSigned;
  const rowBytes = from.width * from.stride;
  const taps = Array.from({ length: size[0] * size[1] }, (_, i) => {
    const offset = Math.floor(i / size[1]) * rowBytes + (i % size[1]) * from.stride;
    return f32x4.load(at.get, input + offset);
  });
  // Vectors reach beyond the last channel, into the position that is written next.
  const eachVector = sequence(
    at.set(
      i32.add(
        i32.add(
          i32.multiply(y.get, i32.const(stride[0] * rowBytes)),
          i32.multiply(x.get, i32.const(stride[1] * from.stride)),
        ),
        c.get,
      ),
    ),
    target.set(
      i32.add(
        i32.multiply(i32.add(i32.multiply(y.get, i32.const(to.width)), x.get), i32.const(to.stride)),
        c.get,
      ),
    ),
    f32x4.store(
      target.get,
      taps.reduce((a, b) => larger(a, b)),
      result,
    ),
  );
  module.add(
    name,
    locals,
    count(
      y,
      { end: to.height, step: 1 },
      count(x, { end: to.width, step: 1 }, count(c, { end: to.stride, step: VECTOR }, eachVector)),
    ),
  );
  return result;
}

interface Laid {
  readonly address: number;
  readonly code: Code;
}

/** The input with its border of zeros. */
function padInput(
  arena: Arena,
  locals: Locals,
  { step: { from, window }, input }: { readonly step: KernelStep; readonly input: number },
): Laid {
  const [height, width] = window.padded;
  if (height === from.height && width === from.width) return { address: input, code: [] };
  const address = arena.reserve((height * width * from.stride) / 4);
  const first = (window.before[0] * width + window.before[1]) * from.stride;
  const y = locals.i32();
  const code = count(
    y,
    { end: from.height, step: 1 },
    copyBytes(
      i32.add(i32.multiply(y.get, i32.const(width * from.stride)), i32.const(address + first)),
      i32.add(i32.multiply(y.get, i32.const(from.width * from.stride)), i32.const(input)),
      i32.const(from.width * from.stride),
    ),
  );
  return { address, code };
}

/** Windows behind each other, each of `inputs` int16; what lies behind its last input meets weights of 0. */
function layOutWindows(
  arena: Arena,
  locals: Locals,
  { step, input }: { readonly step: KernelStep; readonly input: number },
): Laid {
  const { from, to, window, inputs, inputIsUnsigned } = step;
  const widened = inputIsUnsigned ? i16x8.loadUnsigned : i16x8.loadSigned;
  const address = arena.reserve((to.height * to.width * inputs) / 2);
  const [y, x, source, target] = Array.from({ length: 4 }, () => locals.i32());
  const rowBytes = window.padded[1] * from.stride;
  const windowRow = window.size[1] * from.stride;
  const copies: Code[] = [];
  for (let ky = 0; ky < window.size[0]; ky++) {
    for (let chunk = 0; chunk < windowRow; chunk += HALF) {
      // In this order: a copy may reach into what the next one writes.
      const vector = widened(source.get, input + ky * rowBytes + chunk);
      copies.push(f32x4.store(target.get, vector, address + 2 * (ky * windowRow + chunk)));
    }
  }
  const each = sequence(
    source.set(
      i32.add(
        i32.multiply(y.get, i32.const(window.stride[0] * rowBytes)),
        i32.multiply(x.get, i32.const(window.stride[1] * from.stride)),
      ),
    ),
    ...copies,
    target.set(i32.add(target.get, i32.const(2 * inputs))),
  );
  const code = sequence(
    target.set(i32.const(0)),
    count(y, { end: to.height, step: 1 }, count(x, { end: to.width, step: 1 }, each)),
  );
  return { address, code };
}

/** The sums of the lanes of four vectors, as the lanes of one. */
function lanesSummed(a: Local, b: Local, c: Local, d: Local): Code {
  const pair = (p: Code, q: Code): Code =>
    i32x4.add(f32x4.shuffle(p, q, [0, 4, 1, 5]), f32x4.shuffle(p, q, [2, 6, 3, 7]));
  const [ab, cd] = [pair(a.get, b.get), pair(c.get, d.get)];
  return i32x4.add(f32x4.shuffle(ab, cd, [0, 1, 4, 5]), f32x4.shuffle(ab, cd, [2, 3, 6, 7]));
}
