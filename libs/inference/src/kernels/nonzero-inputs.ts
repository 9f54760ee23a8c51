/** First half of the kernels for one sample: which inputs are not zero? MNIST's pixels and ReLU's outputs mostly are. */
import { count, f32, i32, sequence, type Code, type Locals } from '../wasm/code';

/**
 * Writes the byte offset (4 * i) of each input x[i] that is not zero to `list`, and the end of that list to `end`. Without a
 * branch: each offset is written, and the list grows by 0 or 4.
 */
export function listNonzeroInputs(
  locals: Locals,
  { x, list, inputs }: { readonly x: number; readonly list: number; readonly inputs: number },
): { readonly code: Code; readonly end: Code } {
  const i = locals.i32();
  const end = locals.i32();
  const grow = i32.shiftLeft(f32.differs(f32.load(i.get, x), f32.zero), 2);
  const code = sequence(
    end.set(i32.const(list)),
    count(
      i,
      { end: 4 * inputs, step: 4 },
      sequence(i32.store(end.get, i.get), end.set(i32.add(end.get, grow))),
    ),
  );
  return { code, end: end.get };
}
