/** Hub and services as `espalier serve` starts them, the trainer on a core of its own and all else on another. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { note } from '../bench-main';
import { endingWithUs } from '../children';
import { CLI_SCRIPT, ROOT } from '../places';

export interface ServingCluster extends AsyncDisposable {
  readonly url: string;
  readonly viewUrl: string;
  /** May look on. */
  readonly viewerToken: string;
  readonly tokenFile: string;
  readonly folder: string;
  readonly pinned: boolean;
}

interface Served {
  readonly url: string;
  readonly viewerLink: string;
  readonly pids: Readonly<Record<string, number>>;
}

const TRAINER_CORE = '0';
const OTHER_CORE = '1';

export async function serveCluster(): Promise<ServingCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-viewers-'));
  const tokenFile = join(folder, 'token');
  const child = endingWithUs(
    spawn(
      process.execPath,
      [
        CLI_SCRIPT,
        'serve',
        '--runs',
        join(folder, 'runs'),
        '--token-file',
        tokenFile,
        '--threads',
        '1',
        '--json',
      ],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
    ),
  );
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const served = await new Promise<Served>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said) as Served);
    });
    child.once('close', (code) => reject(new Error(`espalier serve ended with code ${code}`)));
  });
  const { trainer, ...others } = served.pids;
  const pinned = [
    pin(trainer, TRAINER_CORE),
    ...[...Object.values(others), child.pid ?? 0, process.pid].map((pid) => pin(pid, OTHER_CORE)),
  ].every(Boolean);
  if (!pinned) note('taskset could not pin all processes: the figures are of shared cores');
  return {
    url: served.url,
    viewUrl: `${served.url.replace(/^http/, 'ws')}/view`,
    viewerToken: new URL(served.viewerLink).hash.replace('#token=', ''),
    tokenFile,
    folder,
    pinned,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** All threads of a process. */
function pin(pid: number, core: string): boolean {
  return spawnSync('taskset', ['-a', '-c', '-p', core, String(pid)]).status === 0;
}
