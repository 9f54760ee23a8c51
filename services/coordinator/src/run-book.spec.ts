import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@espalier/base';
import { LOG_FILE, openRunBook } from './run-book';

describe('the run book', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'espalier-book-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const created = { type: 'run.created', fields: { recipe: { a: 1 }, dataUrls: [] } } as const;

  it('holds the same states when it is opened again', async () => {
    const book = await openRunBook(dir, silentLogger);
    await book.append('run-1', created);
    await book.append('run-1', { type: 'run.paused', fields: {} });
    const states = book.list();
    await book.close();
    const again = await openRunBook(dir, silentLogger);
    expect(again.list()).toEqual(states);
    expect(states).toMatchObject([{ id: 'run-1', status: 'paused', seq: 2 }]);
    expect((await again.events('run-1', 2)).map(({ type }) => type)).toEqual(['run.paused']);
    await again.close();
  });

  it('leaves out what a kill tore off the end of a log', async () => {
    const book = await openRunBook(dir, silentLogger);
    await book.append('run-1', created);
    await book.close();
    await appendFile(join(dir, 'run-1', LOG_FILE), '{"seq":2,"at":1,"type":"run.sto');
    const again = await openRunBook(dir, silentLogger);
    expect(again.get('run-1')).toMatchObject({ status: 'queued', seq: 1 });
    expect((await again.append('run-1', { type: 'run.stopped', fields: {} })).seq).toBe(2);
    await again.close();
  });

  it('leaves folders that are no runs alone', async () => {
    await mkdir(join(dir, '.store'));
    await mkdir(join(dir, 'notes'));
    await writeFile(join(dir, 'a-file'), '');
    const book = await openRunBook(dir, silentLogger);
    expect(book.list()).toEqual([]);
    await book.close();
  });
});
