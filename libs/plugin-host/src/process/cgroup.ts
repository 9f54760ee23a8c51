/**
 * A control group for one plugin's process and all that it starts, where this process may make one (usually root, or a delegated group):
 * the only limit on processes that holds whatever they do. Versions 1 and 2 of cgroups, pids and memory.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

export interface Cgroup {
  /** Folders whose `cgroup.procs` the process is written to, before it becomes the plugin. */
  readonly folders: readonly string[];
  readonly limits: { readonly tasks: boolean; readonly memory: boolean };
  pids(): number[];
  /** Times that a limit held something back. */
  hits(): { readonly tasks: number; readonly memory: number };
  /** Removes the group; false while processes are in it. */
  remove(): boolean;
}

export interface CgroupLimits {
  readonly memoryBytes: number;
  /** Threads count too. */
  readonly maxTasks: number;
}

/** Undefined where none can be made. */
export function openCgroup(name: string, limits: CgroupLimits): Cgroup | undefined {
  const own = ownGroups();
  const tasks = makeGroup(own.pids, { name, file: 'pids.max', value: limits.maxTasks });
  const memoryFile = own.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
  const memory = makeGroup(own.memory, { name, file: memoryFile, value: limits.memoryBytes });
  const folders = [...new Set([tasks, memory].filter((folder) => folder !== undefined))];
  if (folders.length === 0) return undefined;
  return {
    folders,
    limits: { tasks: tasks !== undefined, memory: memory !== undefined },
    pids: () => numbersIn(join(folders[0], 'cgroup.procs')),
    hits: () => ({
      tasks: tasks === undefined ? 0 : eventCount(join(tasks, 'pids.events'), 'max'),
      memory:
        memory === undefined
          ? 0
          : eventCount(join(memory, own.version === 2 ? 'memory.events' : 'memory.oom_control'), 'oom_kill'),
    }),
    remove: () => folders.map(removeGroup).every((gone) => gone),
  };
}

interface OwnGroups {
  readonly version: 1 | 2;
  readonly pids: readonly string[];
  readonly memory: readonly string[];
}

/** Where groups may be made: below this process's own, or at the root of the controller. */
function ownGroups(): OwnGroups {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  const v1 = (controller: string): readonly string[] => {
    const line = lines.find(([, controllers]) => controllers?.split(',').includes(controller));
    return line ? [join(ROOT, controller, line.slice(2).join(':')), join(ROOT, controller)] : [];
  };
  if (v1('pids').length > 0) return { version: 1, pids: v1('pids'), memory: v1('memory') };
  const unified = lines.find(([number, controllers]) => number === '0' && controllers === '');
  const at = unified ? [join(ROOT, unified.slice(2).join(':')), ROOT] : [];
  const having = (controller: string): string[] =>
    at.filter((folder) => read(join(folder, 'cgroup.subtree_control'))?.split(/\s+/).includes(controller));
  return { version: 2, pids: having('pids'), memory: having('memory') };
}

/** The first of `parents` in which the group can be made and limited. */
function makeGroup(
  parents: readonly string[],
  { name, file, value }: { readonly name: string; readonly file: string; readonly value: number },
): string | undefined {
  for (const parent of parents) {
    const folder = join(parent, name);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, file), String(value));
      // Who may not write here may not put a process in.
      appendFileSync(join(folder, 'cgroup.procs'), '');
      return folder;
    } catch {
      removeGroup(folder);
    }
  }
  return undefined;
}

function removeGroup(folder: string): boolean {
  try {
    if (existsSync(folder)) rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function eventCount(file: string, event: string): number {
  const line = (read(file) ?? '').split('\n').find((text) => text.startsWith(`${event} `));
  return line === undefined ? 0 : Number(line.slice(event.length + 1));
}

function numbersIn(file: string): number[] {
  return (read(file) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
