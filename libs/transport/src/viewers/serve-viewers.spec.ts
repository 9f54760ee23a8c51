import { decodeMessage, encodeMessage, message, type Message, type ViewWatchBody } from '@espalier/protocol';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { serveViewers, type ServeViewersOptions } from './serve-viewers';

const TOKENS = [
  { token: 'viewer-token', scope: 'viewer' },
  { token: 'service-token', scope: 'service' },
] as const;

const serve = (options: Partial<ServeViewersOptions> = {}) =>
  serveViewers({ tokens: TOKENS, name: 'hub', session: 's1', onViewer: () => undefined, ...options });

const dial = (url: string, headers: Record<string, string>): WebSocket => new WebSocket(url, { headers });
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

async function nextMessage(socket: WebSocket): Promise<Message> {
  const [data] = (await once(socket, 'message')) as [Uint8Array];
  return decodeMessage(data);
}

const closeCode = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', resolve);
  });

describe("the viewers' door", () => {
  it('says welcome first, with the session of the process, and hands on what the viewer wants to see', async () => {
    let told: (body: ViewWatchBody) => void = () => undefined;
    const watched = new Promise<ViewWatchBody>((resolve) => (told = resolve));
    await using door = await serve({ onViewer: (viewer) => (viewer.onWatch = told) });
    const socket = dial(door.url, bearer('viewer-token'));
    const { kind, body } = (await nextMessage(socket)) as Message<'welcome'>;
    expect([kind, body.session]).toEqual(['welcome', 's1']);
    socket.send(encodeMessage(message('view.watch', { topics: [{ kind: 'runs' }] }, { from: 'page' })));
    expect((await watched).topics).toEqual([{ kind: 'runs' }]);
    socket.terminate();
  });

  it('answers pings', async () => {
    await using door = await serve();
    const socket = dial(door.url, bearer('viewer-token'));
    await nextMessage(socket);
    socket.send(encodeMessage(message('ping', {}, { from: 'page', id: 'p1' })));
    expect((await nextMessage(socket)).body).toEqual({ re: 'p1' });
    socket.terminate();
  });

  it('knows a page by what `authorize` makes of its cookie', async () => {
    await using door = await serve({
      authorize: ({ headers }) => (headers.cookie === 'a=b' ? { token: 'x', scope: 'viewer' } : undefined),
    });
    const socket = dial(door.url, { cookie: 'a=b' });
    expect((await nextMessage(socket)).kind).toBe('welcome');
    socket.terminate();
  });

  it.each([
    ['no token', {}, undefined],
    ['an unknown token', bearer('other'), undefined],
    ['a page of elsewhere', { ...bearer('viewer-token'), origin: 'http://evil' }, undefined],
    ["a service's token", bearer('service-token'), 4403],
  ])('is closed to %s', async (_, headers, code) => {
    await using door = await serve();
    const socket = dial(door.url, headers);
    expect(await closeCode(socket)).toBe(code ?? 1006);
  });

  it.each([
    ['says what only services say', encodeMessage(message('keep', { digests: [] }, { from: 'x' })), 4403],
    ['sends what is no message', new Uint8Array([1, 2, 3]), 4400],
  ])('closes on a viewer that %s', async (_, frame, code) => {
    await using door = await serve();
    const socket = dial(door.url, bearer('viewer-token'));
    await nextMessage(socket);
    socket.send(frame);
    expect(await closeCode(socket)).toBe(code);
  });
});
