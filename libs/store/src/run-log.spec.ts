import { errorCode } from '@espalier/base';
import { appendFile, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRunLog, RunLog } from './run-log';
import { tempFolder } from './testing/temp-folder';

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );

/** A closed log of `count` records. */
async function logOf(folder: string, count: number): Promise<string> {
  const path = join(folder, 'events.jsonl');
  await using log = await RunLog.open(path, { nowMs: () => 5 });
  for (let i = 1; i <= count; i++) await log.append('round.done', { round: i, text: 'ä' });
  return path;
}

describe('RunLog', () => {
  it('numbers records from 1 and gives them back, also to one who opens it later', async () => {
    await using folder = await tempFolder();
    const path = await logOf(folder.path, 3);
    await using log = await RunLog.open(path, { nowMs: () => 6 });
    expect(log.lastSeq).toBe(3);
    expect(await log.append('run.done', {})).toEqual({ seq: 4, at: 6, type: 'run.done', fields: {} });
    expect((await log.read()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(await readRunLog(path, { fromSeq: 3 })).toEqual([
      { seq: 3, at: 5, type: 'round.done', fields: { round: 3, text: 'ä' } },
      { seq: 4, at: 6, type: 'run.done', fields: {} },
    ]);
  });

  it('is one JSON object a line, each with its checksum', async () => {
    await using folder = await tempFolder();
    const lines = (await readFile(await logOf(folder.path, 2), 'utf8')).trimEnd().split('\n');
    const values = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(values[0]).toMatchObject({ log: 'espalier-run', version: 1 });
    expect(values[2]).toMatchObject({ seq: 2, type: 'round.done' });
    for (const { check } of values) expect(check).toMatch(/^[0-9a-f]{16}$/);
  });

  it('keeps the order of calls, and fsyncs records of one burst together', async () => {
    await using folder = await tempFolder();
    await using log = await RunLog.open(join(folder.path, 'events.jsonl'));
    const probe = await open(join(folder.path, 'probe'), 'w');
    const sync = jest.spyOn(Object.getPrototypeOf(probe) as { sync(): Promise<void> }, 'sync');
    await probe.close();
    const records = await Promise.all(
      Array.from({ length: 100 }, (_, i) => log.append('progress', { i }, { durable: i === 50 })),
    );
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect((await log.read()).map(({ fields }) => fields.i)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    expect(sync.mock.calls.length).toBeLessThanOrEqual(2);
    sync.mockRestore();
  });

  it('cuts a torn last record at every byte at which it can tear, and goes on', async () => {
    await using folder = await tempFolder();
    const path = await logOf(folder.path, 3);
    const whole = await readFile(path);
    const lastStart = whole.subarray(0, -1).lastIndexOf(0x0a) + 1;
    for (let length = lastStart + 1; length < whole.length; length += 7) {
      await writeFile(path, whole.subarray(0, length));
      expect((await readRunLog(path)).length).toBe(2);
      await using log = await RunLog.open(path);
      expect([log.lastSeq, log.cutBytes]).toEqual([2, length - lastStart]);
      expect((await log.append('again', {})).seq).toBe(3);
      expect((await log.read()).map(({ type }) => type)).toEqual(['round.done', 'round.done', 'again']);
    }
  });

  it('cuts zeros that a power cut left behind the last record', async () => {
    await using folder = await tempFolder();
    const path = await logOf(folder.path, 2);
    await truncate(path, (await readFile(path)).length + 4096);
    await using log = await RunLog.open(path);
    expect([log.lastSeq, log.cutBytes]).toEqual([2, 4096]);
  });

  it('starts anew when not even the header was written', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'events.jsonl');
    await writeFile(path, '{"log":"espa');
    await using log = await RunLog.open(path);
    expect((await log.append('first', {})).seq).toBe(1);
    expect((await readRunLog(path)).length).toBe(1);
  });

  it('refuses a record that is damaged in the middle, and cuts there when told to repair', async () => {
    await using folder = await tempFolder();
    const path = await logOf(folder.path, 4);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"round":2', '"round":9'));
    expect(await codeOf(RunLog.open(path))).toBe('STORE_LOG_BROKEN');
    await using log = await RunLog.open(path, { repair: true });
    expect(log.lastSeq).toBe(1);
  });

  it('refuses a record that is missing in the middle', async () => {
    await using folder = await tempFolder();
    const path = await logOf(folder.path, 4);
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, lines.filter((_, i) => i !== 2).join('\n'));
    expect(await codeOf(RunLog.open(path))).toBe('STORE_LOG_BROKEN');
  });

  it('refuses a newer version with both versions', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'events.jsonl');
    const body = '{"log":"espalier-run","version":2';
    const { sha256 } = await import('@espalier/tensor/digest');
    await writeFile(path, `${body},"check":"${sha256(new TextEncoder().encode(body)).slice(0, 16)}"}\n`);
    expect(await codeOf(RunLog.open(path))).toBe('STORE_LOG_VERSION');
  });

  it('reads what is whole while another one writes', async () => {
    await using folder = await tempFolder();
    const path = await logOf(folder.path, 2);
    await appendFile(path, '{"seq":3,"at":5');
    expect((await readRunLog(path)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await readRunLog(join(folder.path, 'none.jsonl'))).toEqual([]);
  });

  it('takes nothing more after a failed write or after it is closed', async () => {
    await using folder = await tempFolder();
    const log = await RunLog.open(join(folder.path, 'events.jsonl'));
    const probe = await open(join(folder.path, 'probe'), 'w');
    const full = jest
      .spyOn(Object.getPrototypeOf(probe) as { write(): Promise<unknown> }, 'write')
      .mockImplementation(() => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })));
    await probe.close();
    expect(await codeOf(log.append('a', {}))).toBe('STORE_DISK_FULL');
    full.mockRestore();
    expect(await codeOf(log.append('b', {}))).toBe('STORE_DISK_FULL');
    await log.close();
    expect(await codeOf(log.append('c', {}))).toBe('STORE_LOG_CLOSED');
  });
});
