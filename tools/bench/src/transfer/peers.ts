/** Gets the peers into the user's cache: npm packages, and nats-server out of Debian's package. No dependencies of Espalier. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchError } from '../errors';
import { benchCache } from '../python-peers';

const NPM_PEERS = ['@grpc/grpc-js@1.14.7', 'nats@2.29.3'];

export interface TransferPeers {
  /** The folder `node_modules` that they lie in. */
  readonly modules: string;
  /** Undefined where it is not installed and Debian's package cannot be had. */
  readonly natsServer?: string;
}

/** Installs what is missing; a second time it is there. @throws BENCH_CHILD */
export function installTransferPeers(): TransferPeers {
  const folder = benchCache('transfer');
  mkdirSync(folder, { recursive: true });
  const marker = join(folder, 'npm.json');
  const wanted = JSON.stringify(NPM_PEERS);
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== wanted) {
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', ...NPM_PEERS];
    const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
    if (status !== 0) {
      process.stderr.write(stderr);
      throw benchError('BENCH_CHILD', { command: `npm ${args.join(' ')}`, how: `exit code ${status}` });
    }
    writeFileSync(marker, wanted);
  }
  return { modules: join(folder, 'node_modules'), natsServer: findNatsServer(join(folder, 'nats-server')) };
}

/** The one on the path, or the one in Debian's package, unpacked into the cache: that needs no rights. */
function findNatsServer(folder: string): string | undefined {
  const runs = (file: string): boolean => spawnSync(file, ['--version']).status === 0;
  if (runs('nats-server')) return 'nats-server';
  const own = join(folder, 'usr/sbin/nats-server');
  if (runs(own)) return own;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  spawnSync('apt-get', ['download', 'nats-server'], { cwd: folder });
  const file = readdirSync(folder).find((name) => name.endsWith('.deb'));
  if (file) spawnSync('dpkg', ['-x', join(folder, file), folder]);
  return runs(own) ? own : undefined;
}
