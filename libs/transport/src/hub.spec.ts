import { errorCode } from '@espalier/base';
import { encodeMessage, message, type Message } from '@espalier/protocol';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { filter, firstValueFrom, take, toArray } from 'rxjs';
import { WebSocket } from 'ws';
import type { Bus, HubPeer } from './bus';
import { CLOSE } from './close-codes';
import { connectBus } from './connect-bus';
import { serveHub, type Hub, type HubOptions } from './serve-hub';
import { newToken, type ScopedToken } from './tokens';

const TOKEN = newToken();
const VIEWER = newToken();
const TOKENS: readonly ScopedToken[] = [
  { token: TOKEN, scope: 'service' },
  { token: VIEWER, scope: 'viewer' },
];
const FROM = { from: 'trainer-1' };

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );

/** A hub whose peers come out one by one. */
async function hubOf(options: Partial<HubOptions> = {}): Promise<Hub & { nextPeer(): Promise<HubPeer> }> {
  const arrived: HubPeer[] = [];
  let wake: () => void = () => undefined;
  const hub = await serveHub({
    tokens: TOKENS,
    ...options,
    onPeer: (peer) => {
      arrived.push(peer);
      options.onPeer?.(peer);
      wake();
    },
  });
  return Object.assign(hub, {
    nextPeer: async () => {
      while (arrived.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return arrived.shift() as HubPeer;
    },
  });
}

const busOf = (hub: { url: string }, options: Partial<Parameters<typeof connectBus>[0]> = {}): Promise<Bus> =>
  connectBus({
    url: hub.url,
    token: TOKEN,
    hello: { service: 'trainer-1', roles: ['trainer'] },
    reconnect: { initialMs: 1, maxMs: 20 },
    ...options,
  });

/** Answers every request of a peer. */
function answerAll(peer: HubPeer): void {
  peer.messages$.subscribe(({ id, kind }) => {
    if (kind === 'keep') peer.send(message('kept', { re: id, digests: [] }, { from: 'hub' }));
    else if (kind === 'subscribe') peer.send(message('pong', { re: id }, { from: 'hub' }));
    else if (kind !== 'event') peer.send(message('ack', { re: id }, { from: 'hub' }));
  });
}

/** A raw socket; resolves with the HTTP status that denies it, or the code with which it is closed. */
function rawEnd(
  url: string,
  options: { headers?: Record<string, string>; protocols?: string[]; send?: Uint8Array | string },
): Promise<number> {
  return new Promise((resolve) => {
    const ws = new WebSocket(url, options.protocols ?? [], { headers: options.headers ?? {} });
    ws.on('error', () => undefined);
    ws.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    ws.on('open', () => options.send !== undefined && ws.send(options.send));
    ws.on('close', resolve);
  });
}

const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const hello = (protocols = [1]): Uint8Array =>
  encodeMessage(message('hello', { protocols, service: 'x', roles: [] }, { from: 'x' }));

/** RFC 6455 section 7.1.5: the connection ended without a closing frame. */
const NO_CODE = 1006;

describe('the hub and the bus', () => {
  it('shake hands, and tell each other who they are', async () => {
    await using hub = await hubOf({ name: 'coordinator' });
    await using bus = await busOf(hub);
    const peer = await hub.nextPeer();
    expect([peer.service, peer.scope, peer.hello.roles]).toEqual(['trainer-1', 'service', ['trainer']]);
    expect(bus.welcome).toMatchObject({ protocol: 1, hub: 'coordinator', session: hub.session });
    expect(bus.state).toBe('connected');
    expect(hub.peers.size).toBe(1);
  });

  it('carry requests both ways, each with its answer', async () => {
    await using hub = await hubOf({ onPeer: answerAll });
    await using bus = await busOf(hub);
    const peer = await hub.nextPeer();
    bus.messages$.subscribe((received) => {
      if (received.kind !== 'lease.offer') return;
      bus.send(message('lease.accept', { re: received.id, leaseId: received.body.leaseId }, FROM));
    });
    const offer = { leaseId: 'l1', stage: { kind: 'train' }, resultKey: 'a'.repeat(64), ttlMs: 1000 };
    const [kept, accepted, pong] = await Promise.all([
      bus.request(message('keep', { digests: [] }, FROM)),
      peer.request(message('lease.offer', offer, { from: 'hub' })),
      peer.request(message('ping', {}, { from: 'hub' })),
    ]);
    expect([kept.body.digests, accepted.body.leaseId, pong.kind]).toEqual([[], 'l1', 'pong']);
  });

  it('keep what arrives before somebody subscribes', async () => {
    await using hub = await hubOf();
    await using bus = await busOf(hub);
    const peer = await hub.nextPeer();
    for (const type of ['a', 'b']) peer.send(message('event', { type, fields: {} }, { from: 'hub' }));
    await peer.request(message('ping', {}, { from: 'hub' }));
    const received = await firstValueFrom(bus.messages$.pipe(take(2), toArray()));
    expect(received.map(({ body }) => (body as { type: string }).type)).toEqual(['a', 'b']);
  });

  it('give a refusal to the one who asked, with its code', async () => {
    await using hub = await hubOf({
      onPeer: (peer) =>
        peer.messages$.subscribe(({ id }) => {
          const body = { re: id, code: 'RUN_UNKNOWN', message: 'no run "x"', retryable: false };
          peer.send(message('refuse', body, { from: 'hub' }));
        }),
    });
    await using bus = await busOf(hub);
    const asked = bus.request(message('subscribe', { run: 'x' }, FROM));
    await expect(asked).rejects.toMatchObject({ code: 'RUN_UNKNOWN', retryable: false });
    await expect(asked).rejects.toThrow('no run "x"');
  });

  it('fail a request that is not answered, is cancelled, or is answered by the wrong kind', async () => {
    await using hub = await hubOf();
    await using bus = await busOf(hub);
    const ask = (options: object): Promise<unknown> =>
      bus.request(message('keep', { digests: [] }, FROM), options);
    expect(await codeOf(ask({ timeoutMs: 1 }))).toBe('TRANSPORT_TIMEOUT');
    expect(await codeOf(ask({ signal: AbortSignal.abort() }))).toBe('TRANSPORT_CANCELLED');
    const abort = new AbortController();
    const asked = codeOf(ask({ signal: abort.signal }));
    abort.abort();
    expect(await asked).toBe('TRANSPORT_CANCELLED');
    answerAll(await hub.nextPeer());
    expect(await codeOf(bus.request(message('subscribe', { run: '*' }, FROM)))).toBe('TRANSPORT_ANSWER_KIND');
  });

  it('let a newer connection of the same service take the place of the older, for good', async () => {
    await using hub = await hubOf();
    await using first = await busOf(hub);
    await using second = await busOf(hub);
    expect((await first.closed).code).toBe(CLOSE.REPLACED.code);
    expect([first.state, second.state]).toEqual(['closed', 'connected']);
    expect(() => first.send(message('ping', {}, FROM))).toThrow('TRANSPORT_CLOSED');
  });
});

describe('the door of the hub', () => {
  it('takes the token in the header or, for browsers, as a subprotocol; nothing else opens it', async () => {
    await using hub = await hubOf({ handshakeTimeoutMs: 1 });
    const end = (options: Parameters<typeof rawEnd>[1]): Promise<number> => rawEnd(hub.url, options);
    const opened = CLOSE.HANDSHAKE_TIMEOUT.code;
    expect(await end({ headers: AUTHORIZED })).toBe(opened);
    expect(await end({ protocols: ['espalier.v1', `espalier.token.${TOKEN}`] })).toBe(opened);
    expect(await end({})).toBe(401);
    expect(await end({ headers: { authorization: `Bearer ${TOKEN}x` } })).toBe(401);
    expect(await end({ headers: { authorization: `Basic ${TOKEN}` } })).toBe(401);
    expect(await rawEnd(`${hub.url}?token=${TOKEN}`, {})).toBe(401);
    expect(await rawEnd(hub.url.replace('/hub', '/other'), { headers: AUTHORIZED })).toBe(404);
  });

  it('refuses browsers of other origins, though they have the token', async () => {
    const origins = ['http://127.0.0.1:7000'];
    await using hub = await hubOf({ handshakeTimeoutMs: 1, origins });
    const end = (origin: string): Promise<number> => rawEnd(hub.url, { headers: { ...AUTHORIZED, origin } });
    expect(await end(origins[0])).toBe(CLOSE.HANDSHAKE_TIMEOUT.code);
    for (const origin of [
      'http://evil.example',
      'null',
      'http://127.0.0.1:70000',
      'http://127.0.0.1:7000.evil.example',
    ]) {
      expect(await end(origin)).toBe(403);
    }
  });

  it('tells a client with a wrong token at once, and does not try again', async () => {
    await using hub = await hubOf();
    expect(await codeOf(busOf(hub, { token: 'wrong' }))).toBe('TRANSPORT_REFUSED');
  });

  it('closes on text, garbage, too much, and anything before hello', async () => {
    await using hub = await hubOf();
    const end = (send: Uint8Array | string): Promise<number> =>
      rawEnd(hub.url, { headers: AUTHORIZED, send });
    expect(await end('hello')).toBe(CLOSE.BAD_MESSAGE.code);
    expect(await end(new Uint8Array(100).fill(0x91))).toBe(CLOSE.BAD_MESSAGE.code);
    expect(await end(encodeMessage(message('ping', {}, FROM)).slice(1))).toBe(CLOSE.BAD_MESSAGE.code);
    expect(await end(encodeMessage(message('announce', { service: 'x', can: [] }, FROM)))).toBe(
      CLOSE.BAD_MESSAGE.code,
    );
    // Beyond the limit ws itself cuts the connection, before the message is whole.
    expect(await end(new Uint8Array(70_000))).toBe(1009);
    expect(hub.peers.size).toBe(0);
  });

  it('refuses a client of another protocol version with a clear word', async () => {
    await using hub = await hubOf();
    expect(await rawEnd(hub.url, { headers: AUTHORIZED, send: hello([2, 3]) })).toBe(CLOSE.VERSION.code);
  });

  it('lets viewers watch, and cuts one that wants to work', async () => {
    await using hub = await hubOf();
    await using service = await busOf(hub);
    await using viewer = await busOf(hub, { token: VIEWER });
    await hub.nextPeer();
    const peer = await hub.nextPeer();
    expect(peer.scope).toBe('viewer');
    const seen = firstValueFrom(peer.messages$);
    viewer.send(message('subscribe', { run: '*' }, FROM));
    expect((await seen).kind).toBe('subscribe');
    viewer.send(message('announce', { service: 'trainer-1', can: ['train'] }, FROM));
    expect((await viewer.closed).code).toBe(CLOSE.FORBIDDEN.code);
    // The service of the same name was not pushed out.
    expect(service.state).toBe('connected');
  });

  it('opens on an HTTP server that serves other things, and leaves its other upgrades alone', async () => {
    const server = createServer((_request, response) => response.end('api'));
    const others: string[] = [];
    server.on('upgrade', (request, stream) => {
      if (request.url === '/hub') return;
      others.push(request.url ?? '');
      stream.destroy();
    });
    await using hub = await hubOf({ server });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await using bus = await busOf(hub);
    const { port } = server.address() as AddressInfo;
    expect(hub.port).toBe(port);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('api');
    await rawEnd(`ws://127.0.0.1:${port}/dashboard`, { headers: AUTHORIZED });
    expect(others).toEqual(['/dashboard']);
    await bus.close();
    await hub.close();
    expect(server.listening).toBe(true);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('says which port is taken', async () => {
    await using hub = await hubOf();
    expect(await codeOf(hubOf({ port: hub.port }))).toBe('TRANSPORT_LISTEN');
  });
});

describe('a hub that goes and comes back', () => {
  it('finds the services again; what was sent meanwhile arrives, conflated, and requests had failed', async () => {
    const first = await hubOf();
    const { port, session } = first;
    await using bus = await busOf(first);
    await first.nextPeer();
    const states: string[] = [];
    bus.state$.subscribe((state) => {
      states.push(state);
      if (state === 'connected' && states.length > 1) {
        bus.send(message('announce', { service: 'trainer-1', can: ['train'] }, FROM));
      }
    });
    const pending = codeOf(bus.request(message('keep', { digests: [] }, FROM)));
    const away = firstValueFrom(bus.state$.pipe(filter((state) => state === 'reconnecting')));
    await first.close();
    await away;
    expect(await pending).toBe('TRANSPORT_DISCONNECTED');
    expect(await codeOf(bus.request(message('keep', { digests: [] }, FROM)))).toBe('TRANSPORT_DISCONNECTED');
    for (let epoch = 1; epoch <= 50; epoch++) {
      bus.send(message('lease.renew', { leaseId: 'l1', fields: { epoch } }, FROM));
      bus.send(
        message('event', { type: 'progress', fields: { epoch }, durable: false }, { ...FROM, run: 'r' }),
      );
    }
    bus.send(message('event', { type: 'round.done', fields: {} }, { ...FROM, run: 'r' }));

    await using second = await hubOf({ port });
    const peer = await second.nextPeer();
    const received = await firstValueFrom(peer.messages$.pipe(take(4), toArray()));
    expect(received.map(({ kind }) => kind)).toEqual(['announce', 'lease.renew', 'event', 'event']);
    expect((received[1] as Message<'lease.renew'>).body.fields).toEqual({ epoch: 50 });
    expect(states).toEqual(['connected', 'reconnecting', 'connected']);
    await bus.whenConnected();
    expect(bus.welcome.session).not.toBe(session);
  });

  it('is waited for at the start, and given up in time', async () => {
    const placeholder = await hubOf();
    const { port, url } = placeholder;
    await placeholder.close();
    expect(await codeOf(busOf({ url }, { reconnect: { initialMs: 1, maxMs: 1, firstTimeoutMs: 20 } }))).toBe(
      'TRANSPORT_UNREACHABLE',
    );
    const connecting = busOf({ url });
    await using hub = await hubOf({ port });
    await using bus = await connecting;
    expect(bus.state).toBe('connected');
    expect(hub.peers.size).toBe(1);
  });

  it('is not looked for by a bus that was closed', async () => {
    const hub = await hubOf();
    const bus = await busOf(hub);
    const away = firstValueFrom(bus.state$.pipe(filter((state) => state === 'reconnecting')));
    await hub.close();
    await away;
    const waiting = codeOf(bus.whenConnected());
    await bus.close();
    expect(await waiting).toBe('TRANSPORT_CLOSED');
    expect((await bus.closed).code).toBe(CLOSE.NORMAL.code);
  });

  it('ends the streams of its peers, and closes everything', async () => {
    const hub = await hubOf();
    await using bus = await busOf(hub, { reconnect: false });
    const peer = await hub.nextPeer();
    const ended = firstValueFrom(peer.messages$.pipe(toArray()));
    await hub.close();
    expect(await ended).toEqual([]);
    expect((await bus.closed).code).toBe(CLOSE.GOING_AWAY.code);
    expect(hub.peers.size).toBe(0);
  });
});

describe('a peer that reads slowly', () => {
  it('gets the latest of each series, and every message that counts', async () => {
    await using hub = await hubOf();
    await using bus = await busOf(hub);
    const peer = await hub.nextPeer();
    const got: { type: string; n: number }[] = [];
    const done = new Promise<void>((resolve) => {
      bus.messages$.subscribe(({ body }) => {
        const { type, fields } = body as { type: string; fields: { n: number } };
        got.push({ type, n: fields.n });
        if (type === 'last') resolve();
      });
    });
    const pad = 'x'.repeat(20_000);
    const say = (type: string, n: number, durable: boolean): void =>
      peer.send(message('event', { type, fields: { n, pad }, durable }, { from: 'hub', run: 'r' }));
    // In one turn: nothing can be read in between.
    for (let n = 0; n < 2000; n++) {
      say('progress', n, false);
      if (n % 500 === 0) say('round.done', n, true);
    }
    say('last', 0, true);
    await done;
    const progress = got.filter(({ type }) => type === 'progress').map(({ n }) => n);
    expect(progress.length).toBeLessThan(500);
    expect(progress.at(-1)).toBe(1999);
    expect(got.filter(({ type }) => type === 'round.done').map(({ n }) => n)).toEqual([0, 500, 1000, 1500]);
  });

  it('is cut off when too much waits for it', async () => {
    await using hub = await hubOf();
    await using bus = await busOf(hub, { reconnect: false });
    const peer = await hub.nextPeer();
    const pad = 'x'.repeat(60_000);
    for (let n = 0; n < 300; n++)
      peer.send(message('event', { type: 'a', fields: { n, pad } }, { from: 'hub' }));
    // It reads so slowly that it may not even read why: then the connection is cut without a code.
    expect([CLOSE.TOO_SLOW.code, NO_CODE]).toContain((await bus.closed).code);
  });
});
