/** A NATS server with its object store in memory, for one transfer. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endingWithUs } from '../children';

const ATTEMPTS = 100;
const PAUSE_MS = 50;

export async function startNatsServer(
  binary: string,
  scratch: string,
): Promise<{ readonly address: string } & AsyncDisposable> {
  const port = await freePort();
  const config = join(scratch, 'nats.conf');
  writeFileSync(
    config,
    `host: 127.0.0.1\nport: ${port}\njetstream { store_dir: "${join(scratch, 'nats')}", max_memory_store: 8GB }\n`,
  );
  const server = endingWithUs(spawn(binary, ['-c', config], { stdio: 'ignore' }));
  for (let attempt = 1; !(await answers(port)); attempt++) {
    if (attempt === ATTEMPTS || server.exitCode !== null) throw new Error('nats-server does not start');
    await pause(PAUSE_MS);
  }
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
  };
}

/** `nats-server 2.9.10`, as it says itself. */
export function natsServerVersion(binary: string): string {
  return spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout.trim().replace(': v', ' ');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
