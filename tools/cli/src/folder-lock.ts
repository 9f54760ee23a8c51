/**
 * A runs folder belongs to one set of processes at a time. The lock is a file that names its owner; one whose owner is
 * dead is taken over, by exactly one of those who want it:
 *
 * - A lock is whole when it appears (written aside, then linked), so nobody takes a half-written one for a stale one.
 * - Only who holds the lock's own lock (`lock.json.takeover`, the same kind of file) may replace a stale one, and only
 *   after looking at it again. The replacement is one rename: at no moment is the folder nobody's.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cliError } from './errors';
import type { RunsFolder } from './runs-folder';

interface LockFile {
  readonly owner: Process;
  readonly doing: string;
  readonly children: readonly Process[];
}

interface Process {
  readonly pid: number;
  /** Tells a process from a later one with the same number; empty where the system does not say. */
  readonly started: string;
}

export interface FolderLock extends Disposable {
  /** Named in the lock, so that whoever comes after a crash can end what was left behind. */
  children(pids: readonly number[]): void;
}

/** A takeover is a matter of a millisecond. */
const TAKEOVER_WAIT_MS = 10;

/** Makes the folder this process's own. @throws CLI_FOLDER_BUSY when another living process has it */
export function lockFolder(folder: RunsFolder, doing: string): FolderLock {
  const file = lockPath(folder);
  mkdirSync(dirname(file), { recursive: true });
  const owner = acquire(file, doing);
  if (owner) {
    throw cliError('CLI_FOLDER_BUSY', { folder: folder.path, doing: owner.doing, pid: owner.owner.pid });
  }
  return {
    children: (pids) => replace(file, lockOf(doing, pids)),
    [Symbol.dispose]: () => rmSync(file, { force: true }),
  };
}

/** Who has the folder now, if anybody. */
export function folderOwner(
  folder: RunsFolder,
): { readonly pid: number; readonly doing: string } | undefined {
  const lock = readLock(lockPath(folder));
  return lock && isAlive(lock.owner) ? { pid: lock.owner.pid, doing: lock.doing } : undefined;
}

function lockPath(folder: RunsFolder): string {
  return join(folder.store(''), 'lock.json');
}

/** Undefined: it is ours. Otherwise the lock of who has it. */
function acquire(file: string, doing: string): LockFile | undefined {
  while (!create(file, lockOf(doing))) {
    const lock = readLock(file);
    if (lock && isAlive(lock.owner)) return lock;
    const guard = `${file}.takeover`;
    if (acquire(guard, doing)) {
      sleep(TAKEOVER_WAIT_MS);
      continue;
    }
    try {
      if (takeOver(file, doing)) return undefined;
    } finally {
      rmSync(guard, { force: true });
    }
  }
  return undefined;
}

/** By the holder of the guard. False: it has been released or taken over in the meantime. */
function takeOver(file: string, doing: string): boolean {
  const text = readText(file);
  if (text === undefined) return false;
  const lock = parsed(text);
  if (lock && isAlive(lock.owner)) return false;
  // Children end with their parent; one that is still on its way out must not write beside ours.
  for (const child of lock?.children ?? []) if (isAlive(child)) process.kill(child.pid, 'SIGKILL');
  replace(file, lockOf(doing));
  return true;
}

/** Makes the file, whole, unless there is one. */
function create(file: string, lock: LockFile): boolean {
  const aside = writeAside(file, lock);
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
    return createWithoutLinks(file, lock);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Where the file system has no hard links: for an instant the file is there and empty, as if it were stale. */
function createWithoutLinks(file: string, lock: LockFile): boolean {
  try {
    writeFileSync(file, JSON.stringify(lock), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function replace(file: string, lock: LockFile): void {
  renameSync(writeAside(file, lock), file);
}

function writeAside(file: string, lock: LockFile): string {
  const aside = `${file}.${randomUUID()}`;
  writeFileSync(aside, JSON.stringify(lock));
  return aside;
}

function lockOf(doing: string, children: readonly number[] = []): LockFile {
  return { owner: processOf(process.pid), doing, children: children.map(processOf) };
}

function readLock(file: string): LockFile | undefined {
  const text = readText(file);
  return text === undefined ? undefined : parsed(text);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parsed(text: string): LockFile | undefined {
  try {
    return JSON.parse(text) as LockFile;
  } catch {
    // Cut while it was written: whoever wrote it did not get far.
    return undefined;
  }
}

function processOf(pid: number): Process {
  return { pid, started: startOf(pid) ?? '' };
}

function isAlive({ pid, started }: Process): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === '' || startOf(pid) === started;
}

/** Linux: field 22 of /proc/PID/stat, ticks since boot; the name before it may hold spaces, but ends at the last `)`. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
