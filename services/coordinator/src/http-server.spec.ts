/** The page's side of the coordinator: files, sessions, and who may steer with a cookie. */
import { silentLogger } from '@espalier/base';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { ApiParts } from './http-api';
import { apiServer, type HttpOptions } from './http-server';
import { startCoordinator, type RunningCoordinator } from './start-coordinator';
import type { Artifact } from './view/http/artifact';

const PIECE = 64 * 1024;

const TOKENS = [
  'token-of-everything',
  { token: 'token-of-a-viewer', scopes: ['viewer'] },
  { token: 'token-of-a-service', scopes: ['service'] },
] as const;

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

describe('HTTP of the coordinator', () => {
  let dir: string;
  let page: string;
  let coordinator: RunningCoordinator;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'espalier-http-'));
    page = join(dir, 'page');
    await mkdir(join(page, 'assets'), { recursive: true });
    await writeFile(join(page, 'index.html'), '<html>');
    await writeFile(join(page, 'index.html.br'), brotliCompressSync('<html>'));
    await writeFile(join(page, 'assets/a-1x.js'), 'script');
    await writeFile(join(page, '.stamp'), 'hidden');
    await writeFile(join(dir, 'secret'), 'secret');
    coordinator = await startCoordinator({ dir, tokens: [...TOKENS] as never, pageFolder: page });
  });
  afterAll(async () => {
    await coordinator.stop();
    await rm(dir, { recursive: true });
  });

  /** Not `fetch`, which tidies paths and sets headers of its own. */
  const ask = (
    path: string,
    {
      method = 'GET',
      headers = {},
      body,
    }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
  ): Promise<Got> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(coordinator.url);
      const asked = request({ hostname, port, path, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });

  const enter = async (token: string): Promise<string> => {
    const { headers } = await ask('/api/session', { method: 'POST', body: { token } });
    return (headers['set-cookie']?.[0] ?? '').split(';')[0];
  };

  it.each([
    ['a token of everything', 'token-of-everything', ['viewer', 'steer']],
    ["a viewer's", 'token-of-a-viewer', ['viewer']],
  ])('%s is exchanged for a cookie that scripts and other sites do not get', async (_, token, scopes) => {
    const entered = await ask('/api/session', { method: 'POST', body: { token } });
    const [cookie] = entered.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(cookie).not.toContain(token);
    const now = await ask('/api/session', { headers: { cookie: cookie.split(';')[0] } });
    expect(JSON.parse(now.text)).toMatchObject({ scopes, session: expect.any(String) as string });
  });

  it.each(['wrong', 'token-of-a-service', 7])('the token %j gives none', async (token) => {
    const { status, headers } = await ask('/api/session', { method: 'POST', body: { token } });
    expect([status, headers['set-cookie']]).toEqual([401, undefined]);
    expect((await ask('/api/session', { headers: { cookie: 'espalier-1=x' } })).status).toBe(401);
  });

  it('a cookie is taken back', async () => {
    const { headers } = await ask('/api/session', { method: 'DELETE' });
    expect(headers['set-cookie']?.[0]).toContain('Max-Age=0');
  });

  it('a cookie steers from our own page only, and never a viewer’s', async () => {
    const post = async (token: string, headers: Record<string, string>): Promise<unknown> => {
      const cookie = await enter(token);
      const { text } = await ask('/api/runs/none/pause', {
        method: 'POST',
        headers: { cookie, ...headers },
        body: {},
      });
      return (JSON.parse(text) as { code: string }).code;
    };
    const own = { origin: coordinator.url };
    expect(await post('token-of-everything', own)).toBe('COORDINATOR_NO_RUN');
    expect(
      await post('token-of-everything', { origin: coordinator.url.replace('127.0.0.1', 'localhost') }),
    ).toBe('COORDINATOR_NO_RUN');
    expect(await post('token-of-everything', {})).toBe('COORDINATOR_ORIGIN');
    expect(await post('token-of-everything', { origin: 'http://127.0.0.1:1' })).toBe('COORDINATOR_ORIGIN');
    expect(await post('token-of-a-viewer', own)).toBe('COORDINATOR_SCOPE');
  });

  it('the page comes compressed as it lies, may run only what is from here, and is not sent twice', async () => {
    const first = await ask('/', { headers: { 'accept-encoding': 'gzip, br' } });
    expect(first.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
    expect(first.headers['content-security-policy']).toContain("script-src 'self' 'wasm-unsafe-eval'");
    const again = await ask('/', {
      headers: { 'accept-encoding': 'gzip, br', 'if-none-match': String(first.headers.etag) },
    });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await ask('/index.html')).text).toBe('<html>');
    expect((await ask('/assets/a-1x.js')).headers['cache-control']).toContain('immutable');
  });

  it.each([
    '/../secret',
    '/%2e%2e/secret',
    '/assets/../../secret',
    '/.stamp',
    '/none',
    '/%',
    '/a%00b',
    '/..%5csecret',
  ])('there is no %s', async (path) => {
    const { status, text } = await ask(path);
    expect([status, text.includes('secret')]).toEqual([404, false]);
  });

  it('where the page is not built a line says how', async () => {
    await using bare = await startCoordinator({
      dir: join(dir, 'other'),
      tokens: ['token-of-everything'],
      pageFolder: join(dir, 'none'),
    });
    const answer = await fetch(`${bare.url}/`);
    expect([answer.status, await answer.text()]).toEqual([
      503,
      expect.stringContaining('npm run build:dashboard'),
    ]);
  });

  it('waits no longer for who takes nothing of a file', async () => {
    let passed = 0;
    let forgotten: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (forgotten = resolve));
    const artifact: Artifact = {
      file: 'a.espalier',
      bytes: 2 ** 40,
      async *stream() {
        for (; ; passed += PIECE) yield await Promise.resolve(new Uint8Array(PIECE));
      },
      [Symbol.asyncDispose]: async () => forgotten(),
    };
    const options = { tokens: [{ token: 't', scopes: ['viewer'] }], allowedOrigins: [], ownOrigins: [] };
    const server = apiServer({} as ApiParts, {
      ...(options as unknown as Pick<HttpOptions, 'tokens' | 'allowedOrigins' | 'ownOrigins'>),
      ...{ session: 's', pageFolder: page, logger: silentLogger, idleMs: 20 },
      openArtifact: async () => artifact,
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    client.on('error', () => undefined);
    client.write('GET /api/runs/r/artifact HTTP/1.1\r\nhost: h\r\nauthorization: Bearer t\r\n\r\n');
    await gone;
    expect(passed).toBeGreaterThan(0);
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('says which run has no file', async () => {
    const headers = { authorization: 'Bearer token-of-a-viewer' };
    expect((await ask('/api/runs/none/artifact', { headers })).status).toBe(404);
    expect((await ask('/api/runs/none/artifact')).status).toBe(401);
  });
});
