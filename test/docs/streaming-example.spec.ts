/** The client in docs/examples, as somebody would run it, beside a coordinator and a service that tells something. */
import { startCoordinator } from '@espalier/coordinator';
import { message } from '@espalier/protocol';
import { parseRecipe } from '@espalier/recipe';
import { connectBus } from '@espalier/transport';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const TOKEN = 'token-of-everything';
const VIEWER = 'token-of-a-viewer';

describe('docs/examples/watch-runs.mjs', () => {
  const dir = mkdtempSync(join(tmpdir(), 'espalier-example-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('says how a run goes, and follows its loss', async () => {
    await using coordinator = await startCoordinator({
      dir,
      tokens: [TOKEN, { token: VIEWER, scopes: ['viewer'] }],
    });
    await using bus = await connectBus({
      url: coordinator.hubUrl,
      token: TOKEN,
      hello: { service: 'trainer-1', roles: ['trainer'] },
    });
    const { recipe } = parseRecipe(readFileSync(join(ROOT, 'test/golden/recipe-resolved-v1.yaml'), 'utf8'), {
      file: 'recipe-resolved-v1.yaml',
    });
    const offered = new Promise<{ run: string; key: string }>((resolve) => {
      bus.messages$.subscribe((received) => {
        if (received.kind !== 'lease.offer' || received.run === undefined) return;
        resolve({ run: received.run, key: received.body.resultKey });
        bus.send(
          message('lease.accept', { re: received.id, leaseId: received.body.leaseId }, { from: 'trainer-1' }),
        );
      });
    });
    const { fingerprint } = (recipe as unknown as { engine: { fingerprint: string } }).engine;
    const announcement = { service: 'trainer-1', can: ['train'], engine: { fingerprint } };
    await bus.request(message('announce', announcement, { from: 'trainer-1' }));

    const child = spawn(
      process.execPath,
      [join(ROOT, 'docs/examples/watch-runs.mjs'), `${coordinator.url}/#token=${VIEWER}`],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    let heard = (): void => undefined;
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString();
      heard();
    });
    const until = async (text: RegExp): Promise<void> => {
      while (!text.test(said)) await new Promise<void>((resolve) => (heard = resolve));
    };
    try {
      await fetch(`${coordinator.url}/api/runs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ recipe }),
      });
      const { run, key } = await offered;
      await until(new RegExp(`${run} running train`));
      for (const step of [1, 2, 3]) {
        const series = [{ name: 'loss', x: [step], y: [1 / step] }];
        await bus.request(message('points', { key, seq: step, series }, { from: 'trainer-1', run }));
      }
      await until(/step 3: loss 0\.333/);
    } finally {
      child.kill();
    }
  });
});
