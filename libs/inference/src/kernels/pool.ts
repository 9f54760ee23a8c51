/** Max and sum pooling over planes, four outputs of a row at a time; the window is unrolled. */
import { Locals, count, f32x4, i32, sequence, type Code, type Local } from '../wasm/code';
import type { ModuleBuilder } from '../wasm/module-builder';

/** Windows with more positions are not worth their code. */
export const MAX_UNROLLED = 64;

export interface PoolSpec {
  readonly name: string;
  readonly kind: 'max' | 'sum';
  readonly channels: number;
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Address, and bytes from a row and a plane to the next. */
  readonly x: Plane;
  readonly y: Plane & { readonly rows: number; readonly vectors: number };
  /** Factors [rows, 4 * vectors] that outputs are multiplied by: address, in rows like those of y. */
  readonly factors?: number;
  readonly relu: boolean;
}

interface Plane {
  readonly at: number;
  readonly row: number;
  readonly plane: number;
}

export function addPool(module: ModuleBuilder, spec: PoolSpec): void {
  const { x, y, stride, channels } = spec;
  const locals = new Locals();
  const [channel, row, vector, planeX, planeY, rowX, rowY, toX, toY] = Array.from({ length: 9 }, () =>
    locals.i32(),
  );
  const result = locals.v128();
  const move = (local: Local, bytes: number): Code => local.set(i32.add(local.get, i32.const(bytes)));
  const factorAt = i32.subtract(toY.get, planeY.get);
  const scaled =
    spec.factors === undefined ? result.get : f32x4.multiply(result.get, f32x4.load(factorAt, spec.factors));
  module.add(
    spec.name,
    locals,
    sequence(
      planeX.set(i32.const(0)),
      planeY.set(i32.const(0)),
      count(
        channel,
        { end: channels, step: 1 },
        sequence(
          rowX.set(planeX.get),
          rowY.set(planeY.get),
          count(
            row,
            { end: y.rows, step: 1 },
            sequence(
              toX.set(rowX.get),
              toY.set(rowY.get),
              count(
                vector,
                { end: y.vectors, step: 1 },
                sequence(
                  windowOf(locals, spec, { from: toX.get, result }),
                  f32x4.store(toY.get, spec.relu ? f32x4.larger(f32x4.zero, scaled) : scaled, y.at),
                  move(toX, 16 * stride[1]),
                  move(toY, 16),
                ),
              ),
              move(rowX, x.row * stride[0]),
              move(rowY, y.row),
            ),
          ),
          move(planeX, x.plane),
          move(planeY, y.plane),
        ),
      ),
    ),
  );
}

/** Down the columns of the window first, then across: with a stride of 2, two columns come from one pair of vectors. */
function windowOf(
  locals: Locals,
  { kind, x, size: [height, width], stride: [, step] }: PoolSpec,
  { from, result }: { from: Code; result: Local },
): Code {
  const join = kind === 'max' ? f32x4.larger : f32x4.add;
  const low = locals.v128();
  const high = locals.v128();
  /** Four numbers of each row of the window, `column` floats from its left, joined. */
  const down = (column: number, load: (offset: number) => Code): Code =>
    Array.from({ length: height }, (_, ky) => load(x.at + ky * x.row + 4 * column)).reduce((a, b) =>
      join(a, b),
    );
  const plain = (offset: number): Code => f32x4.load(from, offset);
  const apart = (offset: number): Code =>
    [0, 1, 2, 3].reduce<Code>(
      (into, lane) => f32x4.loadLane(from, into, { offset: offset + 4 * step * lane, lane }),
      f32x4.zero,
    );

  const columns: { readonly before: Code; readonly value: Code }[] = [];
  for (let kx = 0; kx < width; kx++) {
    if (step === 1) columns.push({ before: [], value: down(kx, plain) });
    else if (step !== 2) columns.push({ before: [], value: down(kx, apart) });
    else if (kx % 2 === 1)
      columns.push({ before: [], value: f32x4.shuffle(low.get, high.get, [1, 3, 5, 7]) });
    else {
      const before = sequence(low.set(down(kx, plain)), high.set(down(kx + 4, plain)));
      columns.push({ before, value: f32x4.shuffle(low.get, high.get, [0, 2, 4, 6]) });
    }
  }
  return sequence(
    ...columns.map(({ before, value }, kx) =>
      sequence(before, result.set(kx === 0 ? value : join(result.get, value))),
    ),
  );
}
