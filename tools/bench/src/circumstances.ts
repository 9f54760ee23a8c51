/** Under which circumstances figures were measured: they stand in every results file. */
import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { ROOT } from './places';

export interface Circumstances {
  readonly date: string;
  /** As typed, without the machine's own paths. */
  readonly command: string;
  readonly code: CodeVersion;
  readonly node: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly os: string;
  };
}

/** How the results file of a bench that compares times begins. */
export interface TimedBench<Name extends string> {
  readonly version: number;
  readonly bench: Name;
  readonly circumstances: Circumstances;
  /** Of the machine, one minute, before and after. */
  readonly load: readonly [number, number];
}

export interface CodeVersion {
  /** The last commit that changed what a run does: a commit of figures or texts is not one. */
  readonly commit: string;
  /** Was there anything uncommitted in the same places? */
  readonly dirty: boolean;
}

/** What a run's figures depend on. */
const CODE = ['libs', 'services', 'tools/cli', 'recipes', 'package-lock.json'];

export function circumstances(name: string, args: readonly string[]): Circumstances {
  return circumstancesOf(['espalier', 'bench', name, ...args].join(' '));
}

/** @param command as typed, without the machine's own paths */
export function circumstancesOf(command: string): Circumstances {
  const cores = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    code: codeVersion(),
    node: process.version,
    machine: {
      cpu: cores[0]?.model.trim() ?? 'unknown',
      cores: cores.length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      os: `${type()} ${release()}`,
    },
  };
}

export function codeVersion(): CodeVersion {
  const commit = git(['log', '-1', '--format=%H', '--', ...CODE]) ?? 'unknown';
  const changes = git(['status', '--porcelain', '--', ...CODE]);
  return { commit, dirty: changes !== '' };
}

function git(args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
