/** HTTP on a Node server: the API, a page's session, a run's file, the page itself. Reads requests, checks who asks, writes answers. */
import { errorCode, errorMessage, type JsonValue, type Logger } from '@espalier/base';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { allows, bearer, originAllowed, scopesOf, type AccessToken, type Scope } from './access';
import { coordinatorError } from './errors';
import { answer, STATUS_OF_CODE, type ApiAnswer, type ApiParts } from './http-api';
import type { Artifact } from './view/http/artifact';
import { pageFile } from './view/http/page-files';
import { clearedCookie, pageScopes, setCookie, tokenOfCookie } from './view/http/session-cookie';

/** A resolved recipe of a network with some hundred layers is about 100 KiB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** A client that takes nothing of a file for so long has left: the file lies on our disk until then. */
const IDLE_MS = 60_000;
const NO_BYTES = new Uint8Array(0);
const ARTIFACT_PATH = /^\/api\/runs\/([^/]+)(?:\/rounds\/(\d{1,5}))?\/artifact$/;

export interface HttpOptions {
  readonly tokens: readonly AccessToken[];
  /** Origins of pages whose scripts may use the API; looked at with each request. */
  readonly allowedOrigins: readonly string[];
  /** Origins of the coordinator's own page, among those. */
  readonly ownOrigins: readonly string[];
  /** Of this process: another one means that the coordinator was started anew. */
  readonly session: string;
  /** The built page. */
  readonly pageFolder: string;
  /** @throws COORDINATOR_NO_RUN, COORDINATOR_NO_ARTIFACT, TRANSPORT_* */
  openArtifact(run: string, wish: ArtifactWish): Promise<Artifact>;
  /** For how long a client may take nothing of a file that it asked for. Default: a minute. */
  readonly idleMs?: number;
  readonly logger: Logger;
}

export interface ArtifactWish {
  /** The network as it was at its end; absent: the run's own file. */
  readonly round?: number;
  /** Whoever asked does not wait any more. */
  readonly gone: AbortSignal;
}

/** Who asks. */
interface Asker {
  readonly scopes: readonly Scope[] | undefined;
  /** Known by a cookie, which a browser sends whoever has made the page that asks. */
  readonly byCookie: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body: Uint8Array;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly parts: ApiParts;
  readonly options: HttpOptions;
  readonly url: URL;
}

/** A server that does not listen yet. */
export function apiServer(parts: ApiParts, options: HttpOptions): Server {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    handle({ request, response, parts, options, url }).catch((error: unknown) => {
      options.logger.debug('a request was cut', { path: url.pathname, problem: errorMessage(error) });
      response.destroy();
    });
  });
  // A local API has no slow clients worth waiting for.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  return server;
}

async function handle(exchange: Exchange): Promise<void> {
  const { request, url } = exchange;
  const { origin } = request.headers;
  const { pathname } = url;
  if (!originAllowed(origin, exchange.options.allowedOrigins)) {
    const error = coordinatorError('COORDINATOR_ORIGIN', { origin: String(origin).slice(0, 200) });
    return write(exchange, json(refused(403, error)));
  }
  if (request.method === 'OPTIONS') return write(exchange, { status: 204, body: NO_BYTES });
  if (!pathname.startsWith('/api/')) return page(exchange);
  const asker = whoAsks(exchange);
  if (pathname === '/api/session') return write(exchange, await session(exchange, asker));
  const [, run, round] = ARTIFACT_PATH.exec(pathname) ?? [];
  if (run !== undefined && request.method === 'GET') {
    return artifact(exchange, { run, ...(round !== undefined && { round: Number(round) }) }, asker);
  }
  write(exchange, json(await api(exchange, asker)));
}

function whoAsks({ request, options }: Exchange): Asker {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) {
    return { scopes: scopesOf(options.tokens, bearer(authorization)), byCookie: false };
  }
  const token = tokenOfCookie(cookie, portOf(request), options.tokens);
  return { scopes: token && pageScopes(token), byCookie: token !== undefined };
}

async function api({ request, parts, options, url }: Exchange, asker: Asker): Promise<ApiAnswer> {
  const method = request.method ?? 'GET';
  const { scopes } = asker;
  let body: unknown;
  if (method === 'POST') {
    if (!scopes) return refused(401, coordinatorError('COORDINATOR_TOKEN'));
    const { origin } = request.headers;
    if (asker.byCookie && !(origin !== undefined && options.ownOrigins.includes(origin))) {
      return refused(403, coordinatorError('COORDINATOR_ORIGIN', { origin: String(origin).slice(0, 200) }));
    }
    const read = await readJson(request);
    if ('problem' in read) return refused(400, coordinatorError('COORDINATOR_REQUEST', read));
    body = read.value;
  }
  return answer({ method, path: url.pathname, query: url.searchParams, body, scopes }, parts);
}

/** A token for a cookie; what the cookie allows; the end of it. */
async function session({ request, options }: Exchange, { scopes }: Asker): Promise<Answer> {
  const port = portOf(request);
  switch (request.method) {
    case 'GET': {
      if (!scopes) return json(refused(401, coordinatorError('COORDINATOR_TOKEN')));
      const page = pageScopes({ scopes });
      return json({ status: 200, body: { scopes: [...page], session: options.session } });
    }
    case 'POST': {
      const read = await readJson(request);
      const given = 'value' in read ? (read.value as { token?: unknown } | undefined)?.token : undefined;
      const text = typeof given === 'string' ? given : undefined;
      const known = scopesOf(options.tokens, text);
      const page = known && pageScopes({ scopes: known });
      if (text === undefined || !known || !page || page.length === 0) {
        return json(refused(401, coordinatorError('COORDINATOR_TOKEN')));
      }
      const body = { scopes: [...page], session: options.session };
      const cookie = setCookie(port, { token: text, scopes: known });
      return json({ status: 200, body }, { 'set-cookie': cookie });
    }
    case 'DELETE':
      return json({ status: 200, body: {} }, { 'set-cookie': clearedCookie(port) });
    default:
      return json(
        refused(
          404,
          coordinatorError('COORDINATOR_ROUTE', { method: String(request.method), path: '/api/session' }),
        ),
      );
  }
}

async function artifact(
  exchange: Exchange,
  { run, round }: { readonly run: string; readonly round?: number },
  { scopes }: Asker,
): Promise<void> {
  const { response, options } = exchange;
  if (!scopes || !allows(scopes, 'viewer')) {
    return write(exchange, json(refused(401, coordinatorError('COORDINATOR_TOKEN'))));
  }
  const leaving = new AbortController();
  response.once('close', () => leaving.abort());
  let file: Artifact;
  try {
    file = await options.openArtifact(decodeURIComponent(run), { round, gone: leaving.signal });
  } catch (error) {
    const code = errorCode(error) ?? 'COORDINATOR_REQUEST';
    const body = { code, message: errorMessage(error) };
    return write(exchange, json({ status: STATUS_OF_CODE[code] ?? 502, body }));
  }
  await using open = file;
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': open.bytes,
    'content-disposition': `attachment; filename="${open.file}"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.setTimeout(options.idleMs ?? IDLE_MS, () => response.destroy());
  await pipeline(Readable.from(open.stream()), response);
}

async function page(exchange: Exchange): Promise<void> {
  const { request, url, options } = exchange;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const { method = '', url: path = '' } = request;
    return write(exchange, json(refused(404, coordinatorError('COORDINATOR_ROUTE', { method, path }))));
  }
  const { 'accept-encoding': encodings, 'if-none-match': ifNoneMatch } = request.headers;
  write(
    exchange,
    await pageFile(options.pageFolder, {
      path: url.pathname,
      acceptEncoding: Array.isArray(encodings) ? encodings.join(',') : encodings,
      ifNoneMatch,
    }),
  );
}

async function readJson(request: IncomingMessage): Promise<{ value: unknown } | { problem: string }> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Uint8Array>) {
    bytes += part.byteLength;
    if (bytes > MAX_BODY_BYTES) return { problem: `the body has more than ${MAX_BODY_BYTES} bytes` };
    parts.push(part);
  }
  if (bytes === 0) return { value: undefined };
  try {
    return { value: JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown };
  } catch {
    return { problem: 'the body is not JSON' };
  }
}

function json({ status, body }: ApiAnswer, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: new TextEncoder().encode(JSON.stringify(body satisfies JsonValue)),
  };
}

function write({ request, response, options }: Exchange, { status, headers, body }: Answer): void {
  const { origin } = request.headers;
  response.writeHead(status, {
    ...headers,
    ...(status === 304 ? {} : { 'content-length': body.byteLength }),
    ...(origin !== undefined && options.allowedOrigins.includes(origin)
      ? {
          'access-control-allow-origin': origin,
          'access-control-allow-headers': 'authorization, content-type',
          'access-control-allow-methods': 'GET, POST',
          vary: 'origin',
        }
      : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function refused(status: number, { code, message }: { code: string; message: string }): ApiAnswer {
  return { status, body: { code, message } };
}

/** Of the coordinator, as it listens. */
function portOf({ socket }: Pick<IncomingMessage, 'socket'>): number {
  return socket.localPort ?? 0;
}
