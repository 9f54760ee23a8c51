/**
 * How a plugin's process is shut in, by what this machine has. `bubblewrap`: it sees its own files alone, no network, no other processes.
 * `unshare`: no network and no other processes, but the files that this user may read and write. `none`: what this user may do, it may do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export type ConfinementKind = 'bubblewrap' | 'unshare' | 'none';

/** The programs of this machine that confine, absolute paths. */
export interface Confinement {
  readonly kind: ConfinementKind;
  readonly bwrap?: string;
  readonly unshare?: string;
  readonly prlimit?: string;
  readonly setpriv?: string;
}

/** Tried out once: a program that is there may still not be permitted. */
export function findConfinement(most: ConfinementKind = 'bubblewrap'): Confinement {
  const [bwrap, unshare, prlimit, setpriv] = ['bwrap', 'unshare', 'prlimit', 'setpriv'].map(findProgram);
  const limits = {
    ...(prlimit !== undefined && works([prlimit, '--core=0', '--', 'true']) && { prlimit }),
    ...(setpriv !== undefined && works([setpriv, '--pdeathsig', 'KILL', 'true']) && { setpriv }),
  };
  if (most === 'bubblewrap' && bwrap !== undefined && works([bwrap, ...BWRAP, ...systemFolders(), 'true'])) {
    return { kind: 'bubblewrap', bwrap, ...limits };
  }
  if (most !== 'none' && unshare !== undefined && works([unshare, ...unshareArguments(), 'true'])) {
    return { kind: 'unshare', unshare, ...limits };
  }
  return { kind: 'none', ...limits };
}

export interface ConfinedCommand {
  /** Absolute. */
  readonly program: string;
  readonly args: readonly string[];
  /** The plugin's own. */
  readonly folder: string;
  /** Files and folders beyond its own that it may read. */
  readonly readable: readonly string[];
  /** That it may write: an observer's folder. */
  readonly writable: readonly string[];
  readonly memoryBytes: number;
  readonly maxOpenFiles: number;
  /** Folders of its control group. */
  readonly cgroups: readonly string[];
}

/** A thread's stack counts as memory: 8 MiB of each would be taken by ten that do nothing. */
const STACK_BYTES = 2 * 1024 * 1024;

/** The whole command line: group, limits, confinement, and the program last; each becomes the next by exec. */
export function confine(how: Confinement, command: ConfinedCommand): readonly string[] {
  const { program, args, memoryBytes, maxOpenFiles, cgroups } = command;
  return [
    // `$#` folders come first, behind their number.
    ...(cgroups.length > 0
      ? [
          '/bin/sh',
          '-c',
          'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1/cgroup.procs"; shift; n=$((n-1)); done; exec "$@"',
          'sh',
          String(cgroups.length),
          ...cgroups,
        ]
      : []),
    ...(how.setpriv === undefined ? [] : [how.setpriv, '--pdeathsig', 'KILL']),
    ...(how.prlimit === undefined
      ? []
      : [
          how.prlimit,
          `--data=${memoryBytes}`,
          `--nofile=${maxOpenFiles}`,
          `--stack=${STACK_BYTES}`,
          '--core=0',
          '--',
        ]),
    ...shell(how, command),
    program,
    ...args,
  ];
}

function shell(how: Confinement, command: ConfinedCommand): readonly string[] {
  switch (how.kind) {
    case 'none':
      return [];
    case 'unshare':
      return [how.unshare as string, ...unshareArguments(), '--'];
    case 'bubblewrap':
      return [how.bwrap as string, ...BWRAP, ...systemFolders(), ...ownFolders(command), '--'];
  }
}

const BWRAP = [
  '--die-with-parent',
  '--unshare-user-try',
  '--unshare-pid',
  '--unshare-net',
  '--unshare-ipc',
  '--unshare-uts',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '--tmpfs',
  '/tmp',
];

function systemFolders(): string[] {
  const folders = ['/usr', '/lib', '/lib64', '/bin', '/sbin', '/etc/ld.so.cache', '/etc/alternatives'];
  return folders.flatMap((folder) => ['--ro-bind-try', folder, folder]);
}

function ownFolders({ program, folder, readable, writable }: ConfinedCommand): string[] {
  // A program's own libraries lie beside its folder; a virtual environment's program is a link to another's.
  const prefixes = [program, realpathSync(program)].map((file) => dirname(dirname(file)));
  const modules = ancestorsOf(folder)
    .map((ancestor) => join(ancestor, 'node_modules'))
    .filter((candidate) => existsSync(candidate));
  return [
    ...[...new Set([...prefixes, folder, ...modules, ...readable])].flatMap((path) => [
      '--ro-bind',
      path,
      path,
    ]),
    ...writable.flatMap((path) => ['--bind', path, path]),
    '--chdir',
    folder,
  ];
}

function unshareArguments(): string[] {
  const isRoot = process.getuid?.() === 0;
  return [
    ...(isRoot ? [] : ['--user', '--map-root-user']),
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--net',
    '--ipc',
  ];
}

function ancestorsOf(folder: string): string[] {
  const result = [folder];
  for (let at = dirname(folder); at !== result[result.length - 1]; at = dirname(at)) result.push(at);
  return result;
}

export function findProgram(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && existsSync(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

function works([program, ...args]: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
