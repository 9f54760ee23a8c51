import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI_SCRIPT, ROOT } from './installation';

describe('Ctrl-C while a hub does not answer', () => {
  let root: string;
  let server: Server;
  let sockets: Set<Socket>;
  let hub: string;

  /** Takes connections, and says nothing. */
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'espalier-interrupt-'));
    sockets = new Set();
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    hub = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** Runs the command until it has connected, interrupts it, and waits for its end. */
  async function interrupted(...args: readonly string[]): Promise<{ code: number | null; notes: string }> {
    const child = spawn(process.execPath, [CLI_SCRIPT, ...args, '--hub', hub], {
      cwd: ROOT,
      env: { ...process.env, ESPALIER_TOKEN: 'a-token-of-this-test' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let notes = '';
    child.stderr.on('data', (part: Buffer) => (notes += part.toString()));
    const closed = once(child, 'close');
    await Promise.race([once(server, 'connection'), closed]);
    child.kill('SIGINT');
    const [code] = (await closed) as [number | null];
    return { code, notes };
  }

  it('ends a run with 130, and says that none was begun', async () => {
    const { code, notes } = await interrupted('run', 'recipes/quick.yaml', '--runs', root);
    expect(notes).toContain(`stopped before a run was begun at the hub ${hub}`);
    expect(code).toBe(130);
  });

  it('ends a watch with 130, and says that the hub had not answered', async () => {
    const { code, notes } = await interrupted('watch', '--runs', root);
    expect(notes).toContain(`stopped before the hub ${hub} had answered`);
    expect(code).toBe(130);
  });

  it('ends a service with 130, and says that it was not up', async () => {
    const { code, notes } = await interrupted('service', 'pruner', '--dir', root);
    expect(notes).toContain('stopped before pruner was up');
    expect(code).toBe(130);
  });
});
