import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderOwner, lockFolder } from './folder-lock';
import { CHILD_LOADER } from './installation';
import { runsFolder } from './runs-folder';

describe('a runs folder', () => {
  let root: string;
  let file: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'espalier-lock-'));
    file = join(root, '.store', 'lock.json');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** A process that is no more. */
  function deadProcess(): { pid: number; started: string } {
    return { pid: spawnSync(process.execPath, ['-e', '']).pid, started: '' };
  }

  it('belongs to one process at a time', () => {
    const folder = runsFolder(root);
    const lock = lockFolder(folder, 'a run');
    expect(folderOwner(folder)).toEqual({ pid: process.pid, doing: 'a run' });
    expect(() => lockFolder(folder, 'another')).toThrow(/CLI_FOLDER_BUSY.*a run/);
    lock[Symbol.dispose]();
    expect(folderOwner(folder)).toBeUndefined();
    lockFolder(folder, 'another')[Symbol.dispose]();
  });

  it('takes over from a process that died, also when its number is in use again', () => {
    const folder = runsFolder(root);
    const dead = deadProcess().pid;
    mkdirSync(join(root, '.store'));
    for (const owner of [
      { pid: dead, started: '' },
      { pid: process.pid, started: 'another time' },
    ]) {
      writeFileSync(file, JSON.stringify({ owner, doing: 'x', children: [{ pid: dead, started: '' }] }));
      expect(folderOwner(folder)).toBeUndefined();
      lockFolder(folder, 'next')[Symbol.dispose]();
    }
    writeFileSync(file, '{"own');
    lockFolder(folder, 'next')[Symbol.dispose]();
  });

  it('is left as it was, but for the lock, by those who had it', () => {
    lockFolder(runsFolder(root), 'a run')[Symbol.dispose]();
    expect(readdirSync(join(root, '.store'))).toEqual([]);
  });

  it('is taken over although the last takeover was cut in its midst', () => {
    mkdirSync(join(root, '.store'));
    const stale = JSON.stringify({ owner: deadProcess(), doing: 'x', children: [] });
    for (const path of [file, `${file}.takeover`, `${file}.takeover.takeover`]) writeFileSync(path, stale);
    using _lock = lockFolder(runsFolder(root), 'next');
    expect(folderOwner(runsFolder(root))).toEqual({ pid: process.pid, doing: 'next' });
    expect(readdirSync(join(root, '.store'))).toEqual(['lock.json']);
  });

  it('goes to exactly one of two processes that find its lock stale at the same time', async () => {
    mkdirSync(join(root, '.store'));
    const contenders = [1, 2].map(() =>
      fork(CHILD_LOADER, [join(__dirname, 'testing/lock-contender.ts'), root], { execArgv: [] }),
    );
    try {
      const saidByAll = (): Promise<unknown[]> => Promise.all(contenders.map(nextWord));
      expect(await saidByAll()).toEqual(['here', 'here']);
      const stale = JSON.stringify({ owner: deadProcess(), doing: 'x', children: [] });
      for (let round = 0; round < 40; round++) {
        writeFileSync(file, stale);
        const answers = saidByAll();
        for (const contender of contenders) contender.send('try');
        expect((await answers).toSorted()).toEqual(['CLI_FOLDER_BUSY', 'won']);
        const released = saidByAll();
        for (const contender of contenders) contender.send('release');
        await released;
      }
    } finally {
      for (const contender of contenders) contender.disconnect();
    }
  });
});

async function nextWord(child: ChildProcess): Promise<unknown> {
  const [word] = (await once(child, 'message')) as unknown[];
  return word;
}
