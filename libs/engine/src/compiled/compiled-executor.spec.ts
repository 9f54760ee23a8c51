import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '@espalier/base';
import { loadEngine, tensorflowBinding } from '../load-tensorflow';
import { cast } from '../ops/cast';
import { feed } from '../ops/feed';
import { gatherRows } from '../ops/gather-rows';
import type { TensorFlowBinding } from './binding';
import { CompiledExecutor } from './compiled-executor';
import { withModelFolder, writeSavedModel } from './saved-model';

// Loading TensorFlow takes long on a busy machine.
jest.setTimeout(120_000);

const images = { name: 'images', dtype: 'uint8', shape: [2, 3] } as const;
const rows = cast(gatherRows(images, feed('indices', 'int32', [2])), 'int32');
const program = { variables: [images], functions: [{ name: 'rows', fetches: { rows }, effects: [] }] };

async function open(): Promise<CompiledExecutor> {
  await loadEngine({ force: 'native' });
  const executor = new CompiledExecutor(program, tensorflowBinding() as TensorFlowBinding);
  executor.set(images, Uint8Array.of(1, 2, 3, 4, 5, 6));
  return executor;
}

describe('a compiled program', () => {
  it('lies in a folder only while it is loaded, also when loading fails', () => {
    const model = writeSavedModel(program);
    const folder = withModelFolder(model, (path) => {
      expect(existsSync(join(path, 'saved_model.pb'))).toBe(true);
      return path;
    });
    expect(existsSync(folder)).toBe(false);
    let failed = '';
    const load = (path: string): never => {
      failed = path;
      throw new Error('no');
    };
    expect(() => withModelFolder(model, load)).toThrow('no');
    expect(existsSync(failed)).toBe(false);
  });

  it('says which call failed, and goes on afterwards', async () => {
    const executor = await open();
    const call = (...indices: number[]) => [
      ...executor.call('rows', { indices: Int32Array.from(indices) }).rows,
    ];
    let thrown: unknown;
    try {
      call(0, 9);
    } catch (error) {
      thrown = error;
    }
    expect(errorCode(thrown)).toBe('ENGINE_RUN');
    expect(String(thrown)).toContain('failed in "rows"');
    expect(call(1, 0)).toEqual([4, 5, 6, 1, 2, 3]);
    executor.dispose();
    executor.dispose();
  });

  it('keeps the state of two sessions apart, though their variables have the same names', async () => {
    const [first, second] = [await open(), await open()];
    second.set(images, new Uint8Array(6));
    expect([...first.call('rows', { indices: Int32Array.of(0, 1) }).rows]).toEqual([1, 2, 3, 4, 5, 6]);
    for (const executor of [first, second]) executor.dispose();
  });
});
