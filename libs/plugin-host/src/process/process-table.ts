/** What Linux tells of processes: descendants, memory. Elsewhere there is nothing to see. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of the process and all that descends from it and has not lost its parent. */
export function withDescendants(pid: number): number[] {
  const found = [pid];
  for (let i = 0; i < found.length; i++) {
    for (const child of childrenOf(found[i])) if (!found.includes(child)) found.push(child);
  }
  return found;
}

export interface MemoryUse {
  /** Resident private memory now, bytes. */
  readonly privateBytes: number;
  /** The most that it has been. */
  readonly peakBytes: number;
}

export function memoryOf(pids: readonly number[]): MemoryUse {
  let [privateBytes, peakBytes] = [0, 0];
  for (const pid of pids) {
    const status = read(`/proc/${pid}/status`);
    if (status === undefined) continue;
    const kib = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    privateBytes += kib('RssAnon') * 1024;
    peakBytes += Math.max(kib('RssAnon'), kib('VmHWM') - kib('RssFile') - kib('RssShmem')) * 1024;
  }
  return { privateBytes, peakBytes };
}

/** Processes whose environment has `mark` (`NAME=value`); those of other users cannot be looked at. */
export function processesWith(mark: string): number[] {
  return allPids().filter((pid) => read(`/proc/${pid}/environ`)?.split('\0').includes(mark));
}

export function isAlive(pid: number): boolean {
  const state = /^\d+ \(.*\) (\S)/s.exec(read(`/proc/${pid}/stat`) ?? '')?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? '')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );
}

function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
