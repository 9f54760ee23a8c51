import { silentLogger } from '@espalier/base';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordStore } from '@espalier/store';
import { StageFigures, stageMemory } from './stage-memory';

const KEY = 'a'.repeat(64);

function told(figures: StageFigures): Record<string, [x: number[], y: number[]]> {
  const all: Record<string, [number[], number[]]> = {};
  figures.tell({ points: (name, x, y) => (all[name] = [Array.from(x), Array.from(y)]) });
  return all;
}

describe('the figures of a stage', () => {
  it('are those of its last try from its checkpoint on', () => {
    const figures = new StageFigures();
    figures.add('loss', [1, 2, 3, 4], [4, 3, 2, 1]);
    figures.add('loss', [3, 4, 5], [2.5, 1.5, 0.5]);
    figures.add('error/heldOut', [4], [0.1]);
    expect(told(figures)).toEqual({
      loss: [
        [1, 2, 3, 4, 5],
        [4, 3, 2.5, 1.5, 0.5],
      ],
      'error/heldOut': [[4], [0.1]],
    });
    figures.add('loss', [1], [9]);
    expect(told(figures)['loss']).toEqual([[1], [9]]);
  });

  it('are the same after a while on the disk, and none of a record that is damaged', () => {
    const figures = new StageFigures();
    figures.add('loss', [1, 2], [0.1, 1 / 3]);
    expect(told(StageFigures.of(JSON.parse(JSON.stringify(figures.record()))))).toEqual(told(figures));
    for (const record of [
      undefined,
      null,
      3,
      { series: 'x' },
      { series: [null, { name: 'a', x: [1], y: ['b'] }] },
    ]) {
      expect(told(StageFigures.of(record))).toEqual({});
    }
  });

  it('are few, and have the extremes', () => {
    const figures = new StageFigures();
    for (let step = 0; step < 50_000; step++)
      figures.add('loss', [step], [step === 30_000 ? 9 : Math.cos(step)]);
    const [x, y] = told(figures)['loss'];
    expect(x.length).toBeLessThanOrEqual(4_000);
    expect(Math.max(...y)).toBe(9);
    expect(x.at(-1)).toBe(49_999);
  });
});

describe('the memory of a service', () => {
  let dir: string;
  let records: RecordStore;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'espalier-memory-'));
    records = await RecordStore.open(dir);
  });
  afterEach(() => rm(dir, { recursive: true }));

  const lastUsed = (key: string, seconds: number): Promise<void> =>
    utimes(join(dir, `${key}.json`), seconds, seconds);
  const memoryOf = async (key = KEY) => {
    const points: [string, number[], number[]][] = [];
    const watcher = {
      points: (name: string, x: ArrayLike<number>, y: ArrayLike<number>) =>
        void points.push([name, Array.from(x), Array.from(y)]),
      view: () => undefined,
    };
    return { points, memory: await stageMemory(watcher, { key, records, logger: silentLogger }) };
  };

  it('passes on what a stage shows, and says it again when the stage comes out of the cache', async () => {
    const first = await memoryOf();
    first.memory.watcher.points('loss', [1, 2], [2, 1]);
    first.memory.watcher.points('kept', [0], [0.5]);
    await first.memory.close();
    expect(first.points).toHaveLength(2);
    const later = await memoryOf();
    expect(later.points).toEqual([]);
    later.memory.recall();
    expect(later.points).toEqual(first.points);
    const other = await memoryOf('b'.repeat(64));
    other.memory.recall();
    expect(other.points).toEqual([]);
  });

  it('writes nothing when nothing is new', async () => {
    const first = await memoryOf();
    first.memory.watcher.points('kept', [0], [0.5]);
    await first.memory.close();
    await lastUsed(KEY, 1);
    const again = await memoryOf();
    again.memory.watcher.points('kept', [0], [0.5]);
    await again.memory.close();
    expect((await records.list())[0].usedMs).toBe(1_000);
  });

  it('forgets the oldest of very many stages', async () => {
    for (let i = 0; i < 256; i++) {
      const key = `old-${i}`;
      await records.put(key, { series: [] });
      await lastUsed(key, i + 1);
    }
    const { memory } = await memoryOf();
    memory.watcher.points('loss', [1], [1]);
    await memory.close();
    const keys = await records.keys();
    expect(keys).toHaveLength(256);
    expect(keys).toContain(KEY);
    expect(keys).not.toContain('old-0');
  });
});
