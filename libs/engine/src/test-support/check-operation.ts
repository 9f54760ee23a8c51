/** Checks of operations for their specs: compiled against eager, and gradients against finite differences. */
import { Random } from '@espalier/base';
import { sizeOf, type Shape, type TensorData } from '@espalier/tensor';
import type { TensorFlowBinding } from '../compiled/binding';
import { CompiledExecutor } from '../compiled/compiled-executor';
import { EagerExecutor } from '../eager/eager-executor';
import { gradients } from '../graph/gradients';
import type { Program } from '../graph/program';
import { loadEngine, tensorflowBinding, tensorflowJs } from '../load-tensorflow';
import { multiply } from '../ops/arithmetic';
import { feed } from '../ops/feed';
import type { Node, Value } from '../ops/node';
import { reduceSum } from '../ops/reduce-sum';
import type { Variable } from '../ops/variable';

type Feeds = Record<string, TensorData>;
type Build = (...inputs: Value[]) => Value;

/** Runs one function both ways, from zeroed or given variables; gives both results. */
export async function runBoth(
  {
    fetches,
    effects = [],
    variables = [],
  }: {
    fetches: Record<string, Value>;
    effects?: readonly Node[];
    variables?: readonly (readonly [Variable, TensorData])[];
  },
  feeds: Feeds = {},
): Promise<{ compiled: Feeds; eager: Feeds }> {
  await loadEngine({ force: 'native' });
  const program: Program = {
    variables: variables.map(([variable]) => variable),
    functions: [{ name: 'f', fetches, effects }],
  };
  const compiled = new CompiledExecutor(program, tensorflowBinding() as TensorFlowBinding);
  const eager = new EagerExecutor(program, await tensorflowJs());
  const [first, second] = [compiled, eager].map((executor) => {
    for (const [variable, data] of variables) executor.set(variable, data);
    const result: Feeds = { ...executor.call('f', feeds) };
    for (const [variable] of variables)
      if (variable.dtype !== 'uint8') result[`variable ${variable.name}`] = executor.get(variable);
    executor.dispose();
    return result;
  });
  return { compiled: first, eager: second };
}

/** Expects equal numbers, within `relative` and `absolute`. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 1e-5, absolute = 1e-6 } = {},
): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const allowed = absolute + relative * Math.abs(expected[i]);
    if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
      throw new Error(`element ${i} is ${actual[i]}, expected ${expected[i]} within ${allowed}`);
    }
  }
}

export function expectAllClose(actual: Feeds, expected: Feeds): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const name of Object.keys(expected)) expectClose(actual[name], expected[name]);
}

/** Distinct numbers in random order, none near 0 or near another: no kink of relu, |x| or a maximum within reach. */
export function spacedValues(shape: Shape, seed: number): Float32Array {
  const size = sizeOf(shape);
  const order = new Random(seed).permutation(size);
  const spacing = Math.max(0.04, 2 / size);
  return Float32Array.from(order, (rank) => (rank - size / 2 + (size % 2 === 0 ? 0.5 : 0.25)) * spacing);
}

/**
 * Expects that compiled and eager agree on the result and on the gradients of `build` for float inputs of these shapes, and that the gradients
 * are those of central differences.
 */
export async function expectOperation(
  shapes: readonly Shape[],
  build: Build,
  {
    values = shapes.map((shape, i) => spacedValues(shape, i + 1)),
    differentiable = shapes.map(() => true),
  } = {},
): Promise<void> {
  const inputs = shapes.map((shape, i) => feed(`x${i}`, 'float32', shape));
  const y = build(...inputs);
  const weights = spacedValues(y.shape, 99);
  const loss = reduceSum(multiply(y, feed('weights', 'float32', y.shape)));
  const targets = inputs.filter((_, i) => differentiable[i]);
  const found = gradients(loss, targets).map((gradient, i) => [`gradient${i}`, gradient as Value] as const);
  const feeds: Feeds = { weights, ...Object.fromEntries(values.map((value, i) => [`x${i}`, value])) };
  const { compiled, eager } = await runBoth({ fetches: { y, ...Object.fromEntries(found) } }, feeds);
  expectAllClose(eager, compiled);

  const forward = new CompiledExecutor(
    { variables: [], functions: [{ name: 'f', fetches: { y }, effects: [] }] },
    tensorflowBinding() as TensorFlowBinding,
  );
  const lossAt = (input: number, element: number, delta: number): number => {
    const moved = values[input].slice();
    moved[element] += delta;
    const result = forward.call('f', { ...feeds, [`x${input}`]: moved }).y as Float32Array;
    // Summed in float64: only the operation itself is float32.
    return result.reduce((sum, each, k) => sum + each * weights[k], 0);
  };
  const step = 5e-3;
  targets.forEach((target, i) => {
    const input = inputs.indexOf(target);
    const numeric = values[input].map(
      (_, k) => (lossAt(input, k, step) - lossAt(input, k, -step)) / (2 * step),
    );
    expectClose(compiled[`gradient${i}`], numeric, { relative: 2e-3, absolute: 2e-3 });
  });
  forward.dispose();
}
