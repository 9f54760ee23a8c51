/** What a plugin's process may see and do beside answering: with bubblewrap nothing, where that is missing what the docs say. */
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, type Logger } from '@espalier/base';
import type { OptionValues } from '@espalier/plugin-api';
import { openPluginHost } from './open-plugin-host';
import { findConfinement, type ConfinementKind } from './process/confinement';
import { hostileFolder } from './testing/hostile';

/** A variable that every host has been started with, and no plugin. */
const SECRET = 'PATH';

/** A test that says why it is not run. */
function whereThereIs(kind: ConfinementKind): { readonly test: jest.It; readonly why: string } {
  const isThere = findConfinement(kind).kind === kind;
  // Not every machine lets namespaces be made; its name says so in the list of what was run.
  // eslint-disable-next-line no-restricted-syntax
  return { test: isThere ? it : it.skip, why: isThere ? '' : ` (skipped: there is no ${kind} here)` };
}

describe('a plugin that tries what is none of its business', () => {
  let folder: string;
  let outside: string;
  let server: Server;
  let connections = 0;
  beforeAll(async () => {
    [folder, outside] = ['curious', 'outside'].map((name) =>
      realpathSync(mkdtempSync(join(tmpdir(), `espalier-${name}-`))),
    );
    cpSync(hostileFolder('curious'), join(folder, 'curious'), { recursive: true });
    server = createServer((socket) => {
      connections++;
      socket.on('error', () => undefined).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    for (const made of [folder, outside]) rmSync(made, { recursive: true, force: true });
  });

  /** What it can do: read, write, connect, learn a secret. */
  async function tries(
    confinement: ConfinementKind,
    options: OptionValues = {},
  ): Promise<{ readonly can: readonly boolean[]; readonly connected: boolean }> {
    const before = connections;
    await using host = await openPluginHost({ allow: ['curious'], confinement });
    const plugin = await host.load({ from: join(folder, 'curious') });
    const { port } = server.address() as AddressInfo;
    const read = join(__dirname, '../package.json');
    const all = { read, write: join(outside, confinement), port, secret: SECRET, ...options };
    const scores = await plugin.criterion('tries', all).score({
      name: 'fc1/kernel',
      shape: [4],
      weights: new Float32Array(4),
      random: new Random(1),
    });
    // Who comes later is let in later: behind this one every connection that was made has been seen.
    await new Promise((resolve) => connect(port, '127.0.0.1').resume().once('close', resolve));
    return { can: [...scores].map((score) => score === 1), connected: connections - before > 1 };
  }

  const wrapped = whereThereIs('bubblewrap');
  wrapped.test(`reads, writes, reaches and learns nothing under bubblewrap${wrapped.why}`, async () => {
    const outcome = await tries('bubblewrap');
    expect(outcome).toEqual({ can: [false, false, false, false], connected: false });
    expect(existsSync(join(outside, 'bubblewrap'))).toBe(false);
  });

  wrapped.test(`does not change its own folder under bubblewrap${wrapped.why}`, async () => {
    const write = join(folder, 'curious/mine');
    expect((await tries('bubblewrap', { write })).can[1]).toBe(false);
    expect(existsSync(write)).toBe(false);
  });

  wrapped.test(`reads its own folder under bubblewrap, as it must${wrapped.why}`, async () => {
    expect((await tries('bubblewrap', { read: join(folder, 'curious/package.json') })).can[0]).toBe(true);
  });

  const unshared = whereThereIs('unshare');
  unshared.test(`reaches nothing under unshare, but has the user's files${unshared.why}`, async () => {
    expect(await tries('unshare')).toEqual({ can: [true, true, false, false], connected: false });
  });

  it('does whatever its user may where nothing shuts it in', async () => {
    expect(await tries('none')).toEqual({ can: [true, true, true, true], connected: true });
    expect(existsSync(join(outside, 'none'))).toBe(true);
  });

  it('is told apart in the log: what shuts it in, what limits it, and what nothing limits', async () => {
    const told: unknown[] = [];
    const logger = { info: (...line: unknown[]) => told.push(line) } as unknown as Logger;
    await using host = await openPluginHost({ allow: ['curious'], confinement: 'none', logger });
    await host.load({ from: join(folder, 'curious') });
    expect(told).toContainEqual([
      'processes of plugins are shut in',
      expect.objectContaining({ by: 'none', unlimited: expect.stringContaining('network') as string }),
    ]);
  });
});
