import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HubClient, busUrl, httpBase } from './hub-client';

describe('addresses of a hub', () => {
  it('are taken in every form that people have them in', () => {
    for (const url of ['ws://h:1/hub', 'http://h:1', 'http://h:1/', 'h:1', 'http://h:1/#token=x']) {
      expect([httpBase(url), busUrl(url)]).toEqual(['http://h:1', 'ws://h:1/hub']);
    }
    expect(busUrl('https://h')).toBe('wss://h/hub');
  });

  it('are refused when they are none', () => {
    for (const url of ['', 'ftp://h', 'http://']) expect(() => httpBase(url)).toThrow(/CLI_OPTION/);
  });
});

describe('hub client', () => {
  let server: Server;
  let client: HubClient;
  let seen: { method?: string; url?: string; authorization?: string; body: string }[];
  let answer: { status: number; body: unknown };

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        const { method, url, headers } = request;
        seen.push({ method, url, authorization: headers.authorization, body });
        response.writeHead(answer.status).end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new HubClient({ url: `127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'secret' });
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('sends the token with every request, and JSON with what changes something', async () => {
    answer = { status: 200, body: { id: 'r1', status: 'running' } };
    await client.submit({ recipe: { name: 'x' }, dataUrls: ['ws://a:1'] });
    await client.steer('r1', 'undo', { toRound: 2 });
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/api/runs',
        authorization: 'Bearer secret',
        body: '{"recipe":{"name":"x"},"dataUrls":["ws://a:1"]}',
      },
      { method: 'POST', url: '/api/runs/r1/undo', authorization: 'Bearer secret', body: '{"toRound":2}' },
    ]);
  });

  it('asks again while the hub is away, until it is told to stop', async () => {
    const abort = new AbortController();
    const away = new HubClient({ url: client.base, token: 'secret' }, abort.signal);
    const asked: string[] = [];
    server
      .removeAllListeners('request')
      .on('request', (request: { url: string }, response: ServerResponse) => {
        asked.push(request.url);
        if (asked.length === 3) abort.abort();
        response.destroy();
      });
    await expect(away.services()).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked).toEqual(['/api/services', '/api/services', '/api/services']);
  });

  it('says what the hub refused and why', async () => {
    answer = { status: 409, body: { code: 'COORDINATOR_RUN_STATE', message: 'run r1 is done' } };
    await expect(client.steer('r1', 'pause')).rejects.toThrow(
      /said 409 to POST \/api\/runs\/r1\/pause: run r1 is done/,
    );
  });
});
