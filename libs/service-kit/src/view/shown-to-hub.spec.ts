/** Real sockets: what a service shows reaches a hub that goes away and comes back, once and whole. */
import { silentLogger } from '@espalier/base';
import { message, type LayerView, type Message } from '@espalier/protocol';
import { connectBus, newToken, serveHub, type Hub, type HubPeer } from '@espalier/transport';
import { hubReports } from '../hub-reports';
import { NO_BYTES, type OfferedLease } from '../lease-worker';
import { tellState } from './tell-state';

const TOKEN = newToken();
const LEASE: OfferedLease = {
  leaseId: 'lease-1',
  run: 'run-1',
  key: 'a'.repeat(64),
  stage: { kind: 'train', config: {}, seed: 1, algorithm: 1, inputs: {} },
  ttlMs: 60_000,
  sources: {},
};
const FC1: LayerView = { name: 'fc1', kind: 'dense', shape: [2, 2], weights: 4, kept: 1 };

/** Acknowledges everything, but for those that it is told to lose; keeps what came, also what it did not answer. */
async function hubAt(port: number, heard: Message[], loses: (received: Message) => boolean): Promise<Hub> {
  const onPeer = (peer: HubPeer): void => {
    peer.messages$.subscribe((received) => {
      heard.push(received);
      if (received.kind === 'service.state' || loses(received)) return;
      peer.send(message('ack', { re: received.id }, { from: 'coordinator' }));
    });
  };
  return serveHub({ tokens: [{ token: TOKEN, scope: 'service' }], port, onPeer });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe('what a service shows', () => {
  it('is said again to a hub that was started anew, and then the outcome', async () => {
    const before: Message[] = [];
    const after: Message[] = [];
    // Hears the first figures, and dies before it can say so.
    const first = await hubAt(0, before, ({ kind }) => kind === 'points');
    const { port } = new URL(first.url);
    await using bus = await connectBus({
      url: first.url,
      token: TOKEN,
      hello: { service: 'trainer-1', roles: ['trainer'] },
      reconnect: { initialMs: 1, maxMs: 20 },
    });
    const announcement = () => ({ service: 'trainer-1', can: ['train'], slots: 1, leases: [LEASE.leaseId] });
    using reports = hubReports({ bus, serviceId: 'trainer-1', logger: silentLogger, announcement });
    const plugins = () => [{ name: 'mine', version: '1.0.0', calls: 3, meanMs: 0.5, restarts: 0 }];
    using _state = tellState({ bus, serviceId: 'trainer-1', logger: silentLogger, plugins });

    const watcher = reports.watch(LEASE);
    watcher.points('loss', [1, 2, 3], [3, 2, 1]);
    await until(() => before.some(({ kind }) => kind === 'points'));
    await first.close();
    watcher.points('loss', [4, 5], [0.5, 0.25]);
    watcher.view(FC1);
    const outcome = reports.outcome(LEASE, {
      ok: true,
      result: { outputs: {}, metrics: {} },
      cached: false,
      seconds: 1,
      wire: NO_BYTES,
    });

    await using _second = await hubAt(Number(port), after, () => false);
    await outcome;
    const shown = after.filter(({ kind }) => kind !== 'service.state');
    expect([shown[0].kind, shown.at(-1)?.kind]).toEqual(['announce', 'lease.done']);
    const of = (kind: string): Message[] => shown.filter((each) => each.kind === kind);
    expect(shown).toHaveLength(5);
    expect(of('points')[0].body).toEqual(before.find(({ kind }) => kind === 'points')?.body);
    const loss = (x: number[], y: number[]) => [{ name: 'loss', x, y }];
    expect(of('points').map(({ run, body }) => ({ run, body }))).toEqual([
      { run: 'run-1', body: { key: LEASE.key, seq: 0, series: loss([1, 2, 3], [3, 2, 1]) } },
      { run: 'run-1', body: { key: LEASE.key, seq: 1, series: loss([4, 5], [0.5, 0.25]) } },
    ]);
    const [{ run, body }] = of('layer.view');
    expect([run, body]).toEqual(['run-1', { key: LEASE.key, layer: FC1 }]);

    for (const heard of [before, after]) {
      const state = heard.find(({ kind }) => kind === 'service.state') as Message<'service.state'>;
      expect(state.body.plugins).toEqual(plugins());
      expect(state.body.memoryBytes).toBeGreaterThan(2 ** 20);
    }
  });
});
