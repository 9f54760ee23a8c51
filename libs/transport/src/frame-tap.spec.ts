import fc from 'fast-check';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { dial } from './dial';
import { FrameParser } from './frame-tap';
import type { Socket } from './socket';

const MAX = 1000;

/** A frame as a server sends it. */
function frame(first: number, payload: Uint8Array, mask: readonly number[] = []): Uint8Array {
  const size = payload.byteLength;
  const bit = mask.length > 0 ? 0x80 : 0;
  const length =
    size < 126
      ? [bit | size]
      : size < 65536
        ? [bit | 126, size >> 8, size & 255]
        : [bit | 127, 0, 0, 0, 0, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255];
  return Uint8Array.from([first, ...length, ...mask, ...payload]);
}

const HTTP = new TextEncoder().encode('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n');

/** Gives the parser `bytes`, cut at `cuts`; what it read lies in a buffer that is overwritten afterwards. */
function parse(bytes: Uint8Array, cuts: readonly number[]): { taken: number[][]; passed: number[] } {
  const taken: number[][] = [];
  const passed: number[] = [];
  const parser = new FrameParser(
    {
      maxFrameBytes: MAX,
      take: (length) => new Uint8Array(length),
      onFrame: (message) => taken.push([...message]),
    },
    (part) => passed.push(...part),
  );
  const places = [...new Set(cuts.map((cut) => cut % (bytes.byteLength + 1)))].sort((a, b) => a - b);
  [...places, bytes.byteLength].reduce((start, end) => {
    const part = bytes.slice(start, end);
    parser.take(part);
    part.fill(0xee);
    return end;
  }, 0);
  return { taken, passed };
}

describe('the parser of frames', () => {
  const payload = (max: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: 1, maxLength: max });
  const whole = payload(MAX).map((bytes) => ({ bytes: frame(0x82, bytes), taken: [[...bytes]] }));
  const other = fc
    .oneof(
      payload(125).map((bytes) => frame(0x89, bytes)),
      payload(300).map((bytes) => frame(0x81, bytes)),
      payload(300).map((bytes) => frame(0x82, bytes, [1, 2, 3, 4])),
      fc.constant(frame(0x82, new Uint8Array(0))),
      // A message in three fragments, a ping among them.
      payload(300).map((bytes) =>
        Uint8Array.from([
          ...frame(0x02, bytes),
          ...frame(0x89, bytes.subarray(0, 9)),
          ...frame(0x00, bytes),
          ...frame(0x80, bytes),
        ]),
      ),
    )
    .map((bytes) => ({ bytes, taken: [] as number[][] }));

  it('takes whole binary messages out and passes everything else on, in order, wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(whole, other), { maxLength: 12 }),
        fc.array(fc.nat(20_000), { maxLength: 30 }),
        (frames, cuts) => {
          const bytes = Uint8Array.from([HTTP, ...frames.map((one) => one.bytes)].flatMap((one) => [...one]));
          const { taken, passed } = parse(bytes, cuts);
          expect(taken).toEqual(frames.flatMap((one) => one.taken));
          const rest = frames.filter((one) => one.taken.length === 0).flatMap((one) => [...one.bytes]);
          expect(passed).toEqual([...HTTP, ...rest]);
        },
      ),
    );
  });

  it.each([
    ['a closing frame', frame(0x88, new Uint8Array(2))],
    ['a message that is too long', frame(0x82, new Uint8Array(MAX + 1))],
    ['a length beyond every number', Uint8Array.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
  ])('takes nothing behind %s', (_name, end) => {
    const bytes = Uint8Array.from([...HTTP, ...end, ...frame(0x82, Uint8Array.of(1))]);
    const { taken, passed } = parse(bytes, []);
    expect(taken).toEqual([]);
    expect(passed).toEqual([...bytes]);
  });

  it('takes nothing out of a message that began in fragments', () => {
    const bytes = Uint8Array.from([
      ...HTTP,
      ...frame(0x02, Uint8Array.of(1)),
      ...frame(0x82, Uint8Array.of(2)),
    ]);
    expect(parse(bytes, []).taken).toEqual([]);
  });
});

describe('a connection with a tap', () => {
  /** A server of `ws` that does `onOpen` with each client, and a client whose messages are sorted by where they came out. */
  async function connection(
    onOpen: (ws: WebSocket) => void,
  ): Promise<{ tapped: number[]; plain: number[]; socket: Socket } & AsyncDisposable> {
    const server = createServer();
    const wss = new WebSocketServer({ server });
    wss.on('connection', onOpen);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const tapped: number[] = [];
    const plain: number[] = [];
    const socket = await dial(
      {
        url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
        token: 'x',
        maxFrameBytes: 100_000,
        tap: {
          take: (bytes) => new Uint8Array(bytes),
          onFrame: (message) => tapped.push(message.byteLength),
        },
      },
      (opened) => {
        opened.frames$.subscribe((message) => plain.push(message.byteLength));
        return opened;
      },
    );
    return {
      tapped,
      plain,
      socket,
      async [Symbol.asyncDispose]() {
        socket.close({ code: 1000, reason: 'done' });
        await socket.closed;
        wss.close();
        server.closeAllConnections();
        server.close();
      },
    };
  }

  it('gives messages of any length to the tap, those in fragments to the socket, and closes in order', async () => {
    const lengths = [1, 125, 126, 65_535, 65_536, 100_000];
    await using t = await connection((ws) => {
      for (const length of lengths) {
        ws.send(new Uint8Array(length));
        ws.ping();
      }
      ws.send(new Uint8Array(10), { fin: false });
      ws.send(new Uint8Array(20), { fin: true });
      ws.close(4000, 'that was all');
    });
    expect(await t.socket.closed).toEqual({ code: 4000, reason: 'that was all' });
    expect(t.tapped).toEqual(lengths);
    expect(t.plain).toEqual([30]);
  });

  it('is closed when a message is longer than the limit', async () => {
    await using t = await connection((ws) => {
      ws.on('error', () => undefined);
      ws.send(new Uint8Array(100_001));
    });
    expect((await t.socket.closed).reason).toContain('Max payload size exceeded');
    expect([...t.tapped, ...t.plain]).toEqual([]);
  });

  it('carries what the client sends', async () => {
    let heard: (bytes: Buffer) => void = () => undefined;
    const arrived = new Promise<Buffer>((resolve) => (heard = resolve));
    await using t = await connection((ws) => ws.on('message', (bytes: Buffer) => heard(bytes)));
    await t.socket.send(new Uint8Array(70_000).fill(3));
    expect(Buffer.compare(await arrived, new Uint8Array(70_000).fill(3))).toBe(0);
  });
});
