/** The most memory that each process of a run has held: the kernel's own high-water mark, read while the process lives. */
import { readFileSync, readdirSync } from 'node:fs';

/** A mark stays once it is reached, so what is missed is at most the end of a process. */
const EVERY_MS = 100;

const SERVICE = /services\/(\w+)\/src\/main\.ts/;
/** The compiler that a Node process run from source has beside it. */
const COMPILER = /\/esbuild /;

export interface MemoryWatch {
  /** Ends the watch; peaks in bytes by name of the service, `cli` for the program itself, `eval` for its test process. */
  stop(): Readonly<Record<string, number>>;
}

/** Watches a process and its descendants, on Linux. */
export function watchMemory(pid: number): MemoryWatch {
  const peaks: Record<string, number> = {};
  const look = (): void => {
    const parents = parentsOfAll();
    for (const process of parents.keys()) {
      if (!descends(process, pid, parents)) continue;
      const peak = peakOf(process);
      const name = peak === undefined ? undefined : nameOf(process, pid);
      if (peak !== undefined && name !== undefined) peaks[name] = Math.max(peaks[name] ?? 0, peak);
    }
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peaks;
    },
  };
}

function descends(process: number, ancestor: number, parents: ReadonlyMap<number, number>): boolean {
  let at: number | undefined = process;
  while (at !== undefined && at !== ancestor) at = parents.get(at);
  return at === ancestor;
}

function parentsOfAll(): Map<number, number> {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    // pid (name) state parent; a name may hold blanks and brackets.
    const stat = /^\d+$/.test(entry) ? textOf(`/proc/${entry}/stat`) : undefined;
    const parent = stat === undefined ? undefined : /^.*\) \S (\d+)/s.exec(stat)?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  return parents;
}

function peakOf(pid: number): number | undefined {
  const kib = /^VmHWM:\s*(\d+) kB/m.exec(textOf(`/proc/${pid}/status`) ?? '')?.[1];
  return kib === undefined ? undefined : 1024 * Number(kib);
}

function nameOf(pid: number, root: number): string | undefined {
  const command = textOf(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? '';
  if (COMPILER.test(command)) return undefined;
  if (pid === root) return 'cli';
  return SERVICE.exec(command)?.[1] ?? (command.includes(' eval ') ? 'eval' : 'other');
}

/** Undefined once the process is gone. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
