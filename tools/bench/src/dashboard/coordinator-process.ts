/** A coordinator in a process of its own, with a run whose training this process pretends to do. */
import type { JsonValue } from '@espalier/base';
import { silentLogger } from '@espalier/base';
import { message, type Message } from '@espalier/protocol';
import { parseRecipe } from '@espalier/recipe';
import { superviseChild } from '@espalier/service-kit';
import { connectBus, newToken } from '@espalier/transport';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHILD_LOADER, ROOT } from '../places';

export interface PretendedTraining extends AsyncDisposable {
  readonly url: string;
  readonly viewUrl: string;
  readonly token: string;
  readonly run: string;
  /** Of the stage that is pretended. */
  readonly key: string;
  pid(): number | undefined;
  /** Settles when the coordinator has them. */
  tell(
    series: readonly { readonly name: string; readonly x: number[]; readonly y: number[] }[],
  ): Promise<void>;
}

/** Between two signs of life of the lease. */
const RENEW_MS = 10_000;
const SERVICE = 'pretender';

export async function pretendTraining(): Promise<PretendedTraining> {
  const dir = mkdtempSync(join(tmpdir(), 'espalier-bench-dashboard-'));
  const token = newToken();
  const child = superviseChild({
    name: 'coordinator',
    entry: join(ROOT, 'services/coordinator/src/main.ts'),
    execArgv: [CHILD_LOADER],
    logger: silentLogger,
    settings: () => ({ dir, tokens: [token], port: 0, logLevel: 'warn' }),
  });
  const { url, hubUrl } = (await child.ready) as { url: string; hubUrl: string };
  const recipe = resolvedRecipe();
  const bus = await connectBus({ url: hubUrl, token, hello: { service: SERVICE, roles: ['trainer'] } });
  const offered = new Promise<Message<'lease.offer'>>((resolve) => {
    bus.messages$.subscribe((received) => {
      if (received.kind !== 'lease.offer') return;
      const { leaseId } = received.body;
      bus.send(message('lease.accept', { re: received.id, leaseId }, { from: SERVICE }));
      resolve(received);
    });
  });
  const { fingerprint } = recipe.engine as { readonly fingerprint: string };
  const announcement = { service: SERVICE, can: ['train'], engine: { fingerprint } };
  await bus.request(message('announce', announcement, { from: SERVICE }));
  const made = (await (
    await fetch(`${url}/api/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ recipe }),
    })
  ).json()) as { readonly id: string };
  const { leaseId, resultKey: key } = (await offered).body;
  const timer = setInterval(() => bus.send(message('lease.renew', { leaseId }, { from: SERVICE })), RENEW_MS);
  let seq = 0;
  return {
    url,
    viewUrl: hubUrl.replace(/\/hub$/, '/view'),
    token,
    run: made.id,
    key,
    pid: () => child.pid(),
    async tell(series) {
      const body = { key, seq: seq++, series: [...series] };
      await bus.request(message('points', body, { from: SERVICE, run: made.id }));
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await bus.close();
      await child.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Any that can be run as it stands: nothing of it is trained here. */
function resolvedRecipe(): { readonly [key: string]: JsonValue } {
  const text = readFileSync(join(ROOT, 'test/golden/recipe-resolved-v1.yaml'), 'utf8');
  const { recipe } = parseRecipe(text, { file: 'recipe-resolved-v1.yaml' });
  return JSON.parse(JSON.stringify(recipe)) as { readonly [key: string]: JsonValue };
}
