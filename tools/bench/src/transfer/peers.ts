/** Gets the peers into the user's cache: npm packages, and nats-server out of Debian's package. No dependencies of Espalier. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchCache, must, once, runPeer } from '../python-peers';

const NPM_PEERS = ['@grpc/grpc-js@1.14.7', 'nats@2.29.3'];

export interface TransferPeers {
  /** The folder `node_modules` that they lie in. */
  readonly modules: string;
  /** Undefined where it is not installed and Debian's package cannot be had. */
  readonly natsServer?: string;
}

/** Installs what is missing; a second time it is there. @throws BENCH_CHILD */
export async function installTransferPeers(): Promise<TransferPeers> {
  const folder = benchCache('transfer');
  mkdirSync(folder, { recursive: true });
  await once(join(folder, 'npm.json'), NPM_PEERS, () =>
    must('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', ...NPM_PEERS]),
  );
  return {
    modules: join(folder, 'node_modules'),
    natsServer: await findNatsServer(join(folder, 'nats-server')),
  };
}

/** The one on the path, or the one in Debian's package, unpacked into the cache: that needs no rights. */
async function findNatsServer(folder: string): Promise<string | undefined> {
  const runs = async (file: string): Promise<boolean> => (await runPeer(file, ['--version'])).status === 0;
  if (await runs('nats-server')) return 'nats-server';
  const own = join(folder, 'usr/sbin/nats-server');
  if (await runs(own)) return own;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await runPeer('apt-get', ['download', 'nats-server'], folder);
  const file = readdirSync(folder).find((name) => name.endsWith('.deb'));
  if (file) await runPeer('dpkg', ['-x', join(folder, file), folder]);
  return (await runs(own)) ? own : undefined;
}
