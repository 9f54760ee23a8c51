import { decodeMessage, encodeData, encodeMessage, message, type Message } from '@espalier/protocol';
import type { Topic } from '@espalier/protocol/view';
import { BehaviorSubject, Subject, VirtualTimeScheduler } from 'rxjs';
import { retryDelayMs, viewLink, type LinkEvent, type Socket } from './view-link';

class FakeSocket implements Socket {
  binaryType: BinaryType = 'blob';
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  readonly sent: Message[] = [];
  closed = false;

  send(data: unknown): void {
    this.sent.push(decodeMessage(data as Uint8Array));
  }

  close(): void {
    this.closed = true;
  }

  get kinds(): string[] {
    return this.sent.map(({ kind }) => kind);
  }

  get watched(): readonly Topic[] | undefined {
    return this.sent.flatMap((sent) => (sent.kind === 'view.watch' ? [sent.body.topics] : [])).at(-1);
  }

  call(handler: 'onopen' | 'onclose'): void {
    (this[handler] as (() => void) | null)?.();
  }

  receive(bytes: Uint8Array): void {
    const data = new Uint8Array(bytes).buffer;
    (this.onmessage as ((event: { data: ArrayBuffer }) => void) | null)?.({ data });
  }

  welcome(session = 's1'): void {
    this.call('onopen');
    const body = { re: 'x', protocol: 1, hub: 'coordinator', session, nowMs: 5, heartbeatMs: 1000 };
    this.receive(encodeMessage(message('welcome', body, { from: 'coordinator' })));
  }
}

/** A link in virtual time. */
function setUp() {
  const scheduler = new VirtualTimeScheduler();
  const sockets: FakeSocket[] = [];
  const topics$ = new BehaviorSubject<readonly Topic[]>([{ kind: 'runs' }]);
  const wake$ = new Subject<void>();
  const events: LinkEvent[] = [];
  const openSocket = (): FakeSocket => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  };
  const subscription = viewLink({ openSocket, topics$, wake$, scheduler }).subscribe((event) =>
    events.push(event),
  );
  const until = (frame: number): void => {
    scheduler.maxFrames = frame;
    scheduler.flush();
    scheduler.frame = frame;
  };
  return { sockets, topics$, wake$, events, subscription, until };
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the connection to /view', () => {
  it('says what is wanted when it is welcome, and again when that changes', async () => {
    const { sockets, topics$, subscription } = setUp();
    sockets[0].call('onopen');
    await soon();
    expect(sockets[0].sent).toEqual([]);
    sockets[0].welcome();
    await soon();
    expect(sockets[0].watched).toEqual([{ kind: 'runs' }]);
    topics$.next([{ kind: 'runs' }, { kind: 'services' }]);
    await soon();
    expect(sockets[0].watched).toEqual([{ kind: 'runs' }, { kind: 'services' }]);
    subscription.unsubscribe();
    expect(sockets[0].closed).toBe(true);
  });

  it('gives on what arrives', () => {
    const { sockets, events } = setUp();
    sockets[0].welcome();
    const json = new TextEncoder().encode('[{"id":"r1"}]');
    sockets[0].receive(encodeData({ kind: 'view.state', topic: 'runs', version: 0 }, json));
    const parts = [{ name: 'loss', reset: true, from: 0, count: 1, total: 1 }];
    const column = new Uint8Array(Float64Array.of(1, 2, 3, 4).buffer);
    sockets[0].receive(encodeData({ kind: 'view.series', topic: 'series:r1', version: 0, parts }, column));
    expect(events.slice(2)).toMatchObject([
      { kind: 'state', topic: 'runs', value: [{ id: 'r1' }] },
      {
        kind: 'series',
        topic: 'series:r1',
        parts,
        buckets: [{ x: Float64Array.of(1), last: Float64Array.of(4) }],
      },
    ]);
  });

  it('opens again after 250 ms, doubling to 2 s, and asks for everything anew', async () => {
    const { sockets, events, until } = setUp();
    sockets[0].welcome();
    sockets[0].call('onclose');
    until(249);
    expect(sockets).toHaveLength(1);
    until(250);
    expect(sockets).toHaveLength(2);
    sockets[1].call('onclose');
    until(749);
    expect(sockets).toHaveLength(2);
    until(750);
    expect(sockets).toHaveLength(3);
    sockets[2].welcome('s2');
    await soon();
    expect(sockets[2].watched).toEqual([{ kind: 'runs' }]);
    expect(events.filter(({ kind }) => kind === 'welcome')).toMatchObject([
      { session: 's1' },
      { session: 's2' },
    ]);
    expect([1, 2, 3, 4, 5, 50].map(retryDelayMs)).toEqual([250, 500, 1000, 2000, 2000, 2000]);
  });

  it('does not wait for its turn when the page is looked at again', () => {
    const { sockets, wake$, until } = setUp();
    sockets[0].call('onclose');
    until(10);
    wake$.next();
    expect(sockets).toHaveLength(2);
  });

  it('gives up a connection that does not answer, within three seconds of the wish to know', () => {
    const { sockets, wake$, events, until } = setUp();
    sockets[0].welcome();
    until(1000);
    wake$.next();
    expect(sockets[0].kinds).toContain('ping');
    until(1000 + 3000);
    expect(sockets[0].closed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
    expect(events.map(({ kind }) => kind)).toContain('closed');
  });

  it('takes bytes that are no message as the end of the connection, and says why', () => {
    const { sockets, events } = setUp();
    sockets[0].welcome();
    sockets[0].receive(Uint8Array.of(1, 2, 3));
    expect(sockets[0].closed).toBe(true);
    expect(events.at(-1)).toMatchObject({ kind: 'closed', problem: expect.stringContaining('message') });
  });
});
