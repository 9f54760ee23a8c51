import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadEngine, tensorflowBinding } from '../load-tensorflow';
import type { Program } from '../graph/program';
import { applyMomentum, assign } from '../ops/effects';
import { feed } from '../ops/feed';
import { gatherRows } from '../ops/gather-rows';
import { read } from '../ops/read';
import { reduceSum } from '../ops/reduce-sum';
import { scalar } from '../ops/constant';
import type { TensorFlowBinding } from './binding';
import { CompiledExecutor } from './compiled-executor';
import { alignedMemory, lendable } from './lent-memory';
import { sliceWidth } from './set-variable';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

const MIB = 2 ** 20;

/** Read only; changed by a step; gathered from: 3 and more slices each, the first beyond what is lent. */
const fixed = { name: 'fixed', dtype: 'float32', shape: [9, MIB] } as const;
const trained = { name: 'trained', dtype: 'float32', shape: [3 * 2 ** 10, 2 ** 10] } as const;
const velocity = { ...trained, name: 'velocity' };
const rows = { name: 'rows', dtype: 'float32', shape: [3, MIB] } as const;

const gradient = feed('gradient', 'float32', trained.shape);
const update = applyMomentum(
  { variable: trained, velocity },
  { gradient, learningRate: scalar(1), momentum: scalar(0.5) },
);
const program: Program = {
  variables: [fixed, trained, velocity, rows],
  functions: [
    { name: 'sum', fetches: { sum: reduceSum(read(fixed), [0, 1]) }, effects: [] },
    { name: 'step', fetches: { done: scalar(1) }, effects: [update] },
    {
      name: 'row',
      fetches: { row: gatherRows(rows, feed('indices', 'int32', [1])) },
      effects: [],
    },
  ],
};

async function open(): Promise<CompiledExecutor & AsyncDisposable> {
  await loadEngine({ force: 'native' });
  const executor = new CompiledExecutor(program, tensorflowBinding() as TensorFlowBinding);
  return Object.assign(executor, { [Symbol.asyncDispose]: async () => executor.dispose() });
}

function counting(length: number, from: number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = from + (i % 1000);
  return values;
}

describe('a large variable', () => {
  it('has what it was set to, however often, and no part of the array that it was given', async () => {
    await using executor = await open();
    for (const variable of [fixed, trained, rows]) {
      for (const from of [1, 7]) {
        const given = counting(variable.shape[0] * variable.shape[1], from);
        executor.set(variable, given);
        const expected = Buffer.from(given.slice().buffer);
        given.fill(-1);
        const held = executor.get(variable);
        expect(Buffer.from(held.buffer).equals(expected)).toBe(true);
        held.fill(-2);
        expect(Buffer.from(executor.get(variable).buffer).equals(expected)).toBe(true);
      }
      executor.clear(variable);
      const zeros = Buffer.alloc(4 * variable.shape[0] * variable.shape[1]);
      expect(Buffer.from(executor.get(variable).buffer).equals(zeros)).toBe(true);
    }
  });

  it('may be set between updates of it', async () => {
    await using executor = await open();
    const size = trained.shape[0] * trained.shape[1];
    const step = (): void => void executor.call('step', { gradient: new Float32Array(size).fill(2) });
    executor.set(trained, counting(size, 10));
    executor.clear(velocity);
    step();
    step();
    // Velocities 2 and 3.
    expect(executor.get(trained)[1001]).toBe(11 - 2 - 3);
    executor.set(trained, counting(size, 20));
    executor.clear(velocity);
    step();
    expect(executor.get(trained)[1001]).toBe(21 - 2);
    expect(executor.get(velocity)[size - 1]).toBe(2);
  });

  it('may be set after it was gathered from', async () => {
    await using executor = await open();
    for (const from of [1, 5]) {
      executor.set(rows, counting(3 * MIB, from));
      const { row } = executor.call('row', { indices: Int32Array.of(2) });
      expect(row[0]).toBe(from + ((2 * MIB) % 1000));
    }
  });

  it('takes an array of its size only', async () => {
    await using executor = await open();
    for (const variable of program.variables) {
      expect(() => executor.set(variable, new Float32Array(5))).toThrow('ENGINE_RUN');
    }
  });
});

describe('lent memory', () => {
  it('is for large variables that are only read', () => {
    expect([...lendable(program)]).toEqual([fixed]);
    const effects = [assign(fixed, read(fixed))];
    expect(lendable({ ...program, functions: [{ name: 'change', fetches: {}, effects }] }).size).toBe(0);
  });

  it('is not held once the session has ended', async () => {
    const before = await memoryOfArrays();
    const executor = await open();
    executor.set(fixed, counting(9 * MIB, 1));
    const during = (await memoryOfArrays()) - before;
    // Half an array to and fro: what the test itself lets go is a matter of when.
    expect(during).toBeGreaterThan(18 * MIB);
    expect(during).toBeLessThan(54 * MIB);
    executor.dispose();
    expect((await memoryOfArrays()) - before).toBeLessThan(18 * MIB);
  });

  it('holds a variable of any type, as zeros', () => {
    for (const dtype of ['float32', 'int32', 'uint8'] as const) {
      const memory = alignedMemory({ name: 'any', dtype, shape: [3, 5] });
      expect(memory.length).toBe(15);
      expect(memory.byteOffset).toBe(48);
      expect(memory.every((value) => value === 0)).toBe(true);
    }
  });
});

describe('slices', () => {
  it('divide a variable evenly, or are not used', () => {
    expect(sliceWidth(MIB)).toBeUndefined();
    expect(sliceWidth(3 * MIB)).toBe(MIB);
    expect(sliceWidth(3 * 3 * 513 * 512)).toBe(3 * 513 * 512);
    // Twice a prime number.
    expect(sliceWidth(2 * 1000003)).toBe(1000003);
    expect(sliceWidth(15485863)).toBeUndefined();
  });
});

/** After collections: what a weak reference was asked for in this turn is held to its end. */
async function memoryOfArrays(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return process.memoryUsage().arrayBuffers;
}
