import { message, type Message } from '@espalier/protocol';
import { appendFile, copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeriesLog } from './series-log';

const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);

const points = (key: string, step: number): Message<'points'> =>
  message(
    'points',
    { key, seq: step, series: [{ name: 'loss', x: [step], y: [1 / step] }] },
    { from: 'trainer-1' },
  );

async function stepsOf(log: SeriesLog, key: string): Promise<number[]> {
  const steps: number[] = [];
  for await (const { body } of log.read(key)) steps.push(...body.series[0].x);
  return steps;
}

describe('a series log', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'espalier-series-'));
    path = join(folder, 'series.log');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Three records, of two stages. */
  async function written(): Promise<number> {
    const log = await SeriesLog.open(path);
    for (const [key, step] of [
      [A, 1],
      [B, 2],
      [A, 3],
    ] as const) {
      await log.append(points(key, step));
    }
    await log.close();
    return (await readFile(path)).byteLength;
  }

  it('gives back what was told of each stage after it was opened again', async () => {
    await written();
    const log = await SeriesLog.open(path);
    expect([await stepsOf(log, A), await stepsOf(log, B)]).toEqual([[1, 3], [2]]);
    await log.append(points(B, 4));
    expect(await stepsOf(log, B)).toEqual([2, 4]);
    await log.close();
  });

  it('makes no file before there is something to write', async () => {
    const log = await SeriesLog.open(path);
    expect([log.has(A), await stepsOf(log, A)]).toEqual([false, []]);
    await log.close();
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  it('cuts a torn record off, wherever it was torn, and goes on behind the one before', async () => {
    const whole = await written();
    for (const cut of [1, 5, 12, 40]) {
      await truncate(path, whole - cut);
      const log = await SeriesLog.open(path);
      expect([cut, await stepsOf(log, A)]).toEqual([cut, [1]]);
      await log.append(points(A, 3));
      await log.close();
      expect((await readFile(path)).byteLength).toBe(whole);
    }
  });

  it('reads nothing behind a damaged record', async () => {
    await written();
    const bytes = await readFile(path);
    bytes[bytes.indexOf('loss') + 1] ^= 1;
    await writeFile(path, bytes);
    const log = await SeriesLog.open(path);
    expect([log.has(A), log.has(B)]).toEqual([false, false]);
    await log.close();
  });

  it('takes a length that lies for damage, whatever follows', async () => {
    const whole = await written();
    await appendFile(path, Buffer.from([0xff, 0xff, 0xff, 0x7f, ...new Uint8Array(100)]));
    const log = await SeriesLog.open(path);
    expect(await stepsOf(log, A)).toEqual([1, 3]);
    await log.close();
    expect((await readFile(path)).byteLength).toBe(whole);
  });

  it('refuses a file of another format, and leaves it alone', async () => {
    await writeFile(path, 'espalier-series 2\nand more');
    await expect(SeriesLog.open(path)).rejects.toThrow('is no series log of version 1');
    expect(await readFile(path, 'utf8')).toBe('espalier-series 2\nand more');
  });

  it('of version 1 is read for ever', async () => {
    await copyFile(join(__dirname, '../../../../../test/golden/series-v1.log'), path);
    const log = await SeriesLog.open(path);
    const told = [];
    for (const key of [A, B]) for await (const { body } of log.read(key)) told.push(...body.series);
    expect(told).toEqual([
      { name: 'loss', x: [1, 2], y: [2.3, 2.25] },
      { name: 'kept/fc1', x: [2], y: [0.5] },
      { name: 'loss', x: [0], y: [1e-9] },
    ]);
    await log.close();
  });

  it('reads more than one piece of the file', async () => {
    const log = await SeriesLog.open(path);
    for (let step = 1; step <= 3000; step++) await log.append(points(A, step));
    await log.close();
    const again = await SeriesLog.open(path);
    expect(await stepsOf(again, A)).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
    await again.close();
  });
});
