/**
 * The folder that runs lie in: `<runs>/<id>/` for people, `<runs>/.store/<service>/` for the stores of local services,
 * and a lock, because a store belongs to one set of processes at a time.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cliError } from './errors';
import { matchingRun } from './matching-run';

export const RUN_FILES = {
  recipe: 'recipe.resolved.yaml',
  reportJson: 'report.json',
  reportText: 'report.md',
  artifact: 'model.espalier',
  events: 'events.jsonl',
} as const;

export interface RunsFolder {
  readonly path: string;
  /** Ids, oldest first. */
  ids(): readonly string[];
  /** The folder of a run. */
  run(id: string): string;
  file(id: string, file: keyof typeof RUN_FILES): string;
  /** Where a service of this machine keeps its things. */
  store(owner: string): string;
  /** The id that a person means: all of it, a unique beginning or end, or `last`. @throws CLI_RUN_UNKNOWN */
  find(name: string): string;
}

export function runsFolder(folder: string): RunsFolder {
  const path = resolve(folder);
  const run = (id: string): string => join(path, id);
  const ids = (): readonly string[] => idsIn(path);
  return {
    path,
    ids,
    run,
    file: (id, file) => join(run(id), RUN_FILES[file]),
    store: (owner) => join(path, '.store', owner),
    find(name) {
      const found = matchingRun(name, ids());
      if (found !== undefined) return found;
      const there = ids();
      const present = there.length === 0 ? 'none' : there.slice(-5).join(', ');
      throw cliError('CLI_RUN_UNKNOWN', { run: name, folder: path, present });
    },
  };
}

/** Bytes of all files under a folder. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += folderBytes(path);
    else if (entry.isFile()) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

function idsIn(path: string): readonly string[] {
  return entriesOf(path)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .filter((name) => statSync(join(path, name, RUN_FILES.events), { throwIfNoEntry: false }) !== undefined)
    .sort();
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Not there (yet), or gone in between: it holds nothing.
    return [];
  }
}

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

/** Makes the folder this process's own. @throws CLI_RUN_BUSY when another living process has it */
export function lockFolder({ path }: RunsFolder, doing: string): FolderLock {
  const file = join(path, '.store', 'lock.json');
  mkdirSync(join(path, '.store'), { recursive: true });
  const write = (children: readonly number[], flag: 'wx' | 'w'): void => {
    const lock: LockFile = { owner: processOf(process.pid), doing, children: children.map(processOf) };
    writeFileSync(file, JSON.stringify(lock), { flag });
  };
  for (;;) {
    try {
      write([], 'wx');
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const lock = readLock(file);
    if (lock && isAlive(lock.owner)) {
      throw cliError('CLI_FOLDER_BUSY', { folder: path, doing: lock.doing, pid: lock.owner.pid });
    }
    // Children end with their parent; one that is still on its way out must not write beside ours.
    for (const child of lock?.children ?? []) if (isAlive(child)) process.kill(child.pid, 'SIGKILL');
    rmSync(file, { force: true });
  }
  return {
    children: (pids) => write(pids, 'w'),
    [Symbol.dispose]: () => rmSync(file, { force: true }),
  };
}

/** Who has the folder now, if anybody. */
export function folderOwner({
  path,
}: RunsFolder): { readonly pid: number; readonly doing: string } | undefined {
  const lock = readLock(join(path, '.store', 'lock.json'));
  return lock && isAlive(lock.owner) ? { pid: lock.owner.pid, doing: lock.doing } : undefined;
}

function readLock(file: string): LockFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockFile;
  } catch {
    // Gone, or cut while it was written: whoever wrote it did not get far.
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
