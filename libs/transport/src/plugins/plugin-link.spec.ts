import { encodeData, encodeMessage, message } from '@espalier/protocol';
import { errorCode } from '@espalier/base';
import { connectBus } from '../connect-bus';
import { dial } from '../dial';
import { serveHub } from '../serve-hub';
import type { Socket } from '../socket';
import { newToken } from '../tokens';
import { dialPluginHost } from './dial-plugin-host';
import type { PluginDataHeader } from './incoming-data';
import type { PluginLink, PluginLinkOptions, PluginMessage } from './plugin-link';
import { servePlugins, type PluginConnection } from './serve-plugins';

const TOKEN = newToken();
const TOKENS = [{ token: TOKEN, scope: 'plugin' as const }];
const MiB = 1024 * 1024;

const ignore = (): void => undefined;
const plain = (
  receives: PluginLinkOptions['receives'],
  more: Partial<PluginLinkOptions> = {},
): PluginLinkOptions => ({
  from: receives === 'plugin.call' ? 'mine' : 'host',
  receives,
  maxBytes: () => 64 * MiB,
  onData: ignore,
  onMessage: ignore,
  ...more,
});

const call = (number: number): Omit<Extract<PluginDataHeader, { kind: 'plugin.call' }>, 'total'> => ({
  kind: 'plugin.call',
  call: number,
  contribution: 'criterion',
  name: 'mine',
  method: 'score',
  input: { name: 'fc1/kernel' },
  options: {},
  tensors: [],
});

/** A host whose link takes `options`, and the breach for which it cuts whoever comes. */
async function hostOf(options: Partial<PluginLinkOptions> = {}) {
  let breached: (code: string | undefined) => void = ignore;
  let connected: (link: PluginLink) => void = ignore;
  const breach = new Promise<string | undefined>((resolve) => (breached = resolve));
  const link = new Promise<PluginLink>((resolve) => (connected = resolve));
  const door = await servePlugins({
    tokens: TOKENS,
    onConnection: (connection: PluginConnection) =>
      connected(
        connection.open(
          plain('plugin.answer', { onBreach: (error) => breached(errorCode(error)), ...options }),
        ),
      ),
  });
  return { url: door.url, breach, link, [Symbol.asyncDispose]: () => door.close() };
}

describe('the connection of a plugin', () => {
  it('carries a call of many messages whole, whatever the pieces, in both directions of credit', async () => {
    await using host = await hostOf();
    const received: Uint8Array[] = [];
    let arrived: () => void = ignore;
    const both = new Promise<void>((resolve) => (arrived = resolve));
    const plugin = await dialPluginHost(
      { url: host.url, token: TOKEN },
      plain('plugin.call', {
        onData: (_header, bytes) => {
          received.push(bytes);
          if (received.length === 2) arrived();
        },
      }),
    );
    // 40 MiB: more than two windows. Pieces of odd lengths lie from multiples of 8 on.
    const large = new Uint8Array(40 * MiB).map((_, i) => i % 251);
    const link = await host.link;
    link.sendData(call(1), [Uint8Array.of(1, 2, 3), large]);
    link.sendData(call(2), [Uint8Array.of(7)]);
    await both;
    expect([...received[0].subarray(0, 8)]).toEqual([1, 2, 3, 0, 0, 0, 0, 0]);
    expect(Buffer.from(received[0].subarray(8)).equals(large)).toBe(true);
    expect([...received[1]]).toEqual([7, 0, 0, 0, 0, 0, 0, 0]);
    plugin.close();
    await plugin.closed;
  });

  it('passes messages on, and answers pings by itself', async () => {
    const heard: string[] = [];
    let done: () => void = ignore;
    const left = new Promise<void>((resolve) => (done = resolve));
    await using host = await hostOf({
      onMessage: ({ kind }: PluginMessage) => {
        heard.push(kind);
        if (kind === 'plugin.leave') done();
      },
    });
    const plugin = await dialPluginHost({ url: host.url, token: TOKEN }, plain('plugin.call'));
    plugin.send('ping', {});
    plugin.send('plugin.leave', { reason: 'done' });
    await left;
    expect(heard).toEqual(['plugin.leave']);
    plugin.close();
    await plugin.closed;
  });

  const answer = { kind: 'plugin.answer' as const, call: 1, tensors: [], total: 8 };
  const part = (offset: number): Uint8Array =>
    encodeData({ kind: 'plugin.part', call: 1, offset }, new Uint8Array(8));
  it.each([
    [
      'a message of the hub',
      [encodeMessage(message('keep', { digests: [] }, { from: 'mine' }))],
      'PROTOCOL_KIND',
    ],
    ['a call, where answers are due', [encodeData({ ...call(1), total: 0 })], 'PROTOCOL_KIND'],
    ['a part of nothing', [part(0)], 'PROTOCOL_BODY'],
    [
      'a part out of order',
      [encodeData({ ...answer, total: 24 }, new Uint8Array(8)), part(16)],
      'PROTOCOL_BODY',
    ],
    [
      'a part beyond the end',
      [encodeData({ ...answer, total: 12 }, new Uint8Array(8)), part(8)],
      'PROTOCOL_BODY',
    ],
    ['more than it may', [encodeData({ ...answer, total: 65 * MiB })], 'PROTOCOL_TOO_LARGE'],
    ['bytes that are no message', [Uint8Array.of(0xc1)], 'PROTOCOL_FRAME'],
    [
      'another version of the envelope',
      // The version is the first value of the map: 0xa1 'v' 1.
      [encodeMessage(message('ping', {}, { from: 'mine' })).map((byte, i) => (i === 3 ? 2 : byte))],
      'PROTOCOL_VERSION',
    ],
  ])('ends by a named error for %s', async (_, frames, code) => {
    await using host = await hostOf();
    const socket = await dial(
      { url: host.url, token: TOKEN, maxFrameBytes: 2 * MiB },
      (opened: Socket) => opened,
    );
    for (const frame of frames) await socket.send(frame);
    expect(await host.breach).toBe(code);
    await socket.closed;
  });

  it('is open to tokens of its scope alone, and they open no other door', async () => {
    await using host = await hostOf();
    const service = newToken();
    await using door = await servePlugins({
      tokens: [{ token: service, scope: 'service' }],
      onConnection: () => {
        throw new Error('it was let in');
      },
    });
    const refused = await dialPluginHost({ url: door.url, token: service }, plain('plugin.call'));
    expect((await refused.closed).code).toBe(4403);
    await expect(
      dialPluginHost({ url: host.url, token: service }, plain('plugin.call')),
    ).rejects.toMatchObject({
      code: 'TRANSPORT_REFUSED',
    });
    await using hub = await serveHub({ tokens: TOKENS, onPeer: ignore });
    const bus = connectBus({
      url: hub.url,
      token: TOKEN,
      hello: { service: 'mine', roles: [] },
      reconnect: false,
    });
    await expect(bus).rejects.toMatchObject({ code: 'TRANSPORT_REFUSED' });
    expect(hub.peers.size).toBe(0);
  });
});
