/** The HTTP API on a Node server: reads requests, checks token and Origin, writes answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bearer, originAllowed, scopesOf, type AccessToken } from './access';
import { coordinatorError } from './errors';
import { answer, type ApiAnswer, type ApiParts } from './http-api';

/** A resolved recipe of a network with some hundred layers is about 100 KiB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface HttpOptions {
  readonly tokens: readonly AccessToken[];
  /** Origins of pages whose scripts may use the API. */
  readonly allowedOrigins: readonly string[];
}

/** A server that does not listen yet. */
export function apiServer(parts: ApiParts, options: HttpOptions): Server {
  const server = createServer((request, response) => {
    handle(request, parts, options).then(
      (given) => write(response, given, request.headers.origin, options),
      () => response.destroy(),
    );
  });
  // A local API has no slow clients worth waiting for.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  return server;
}

async function handle(request: IncomingMessage, parts: ApiParts, options: HttpOptions): Promise<ApiAnswer> {
  const method = request.method ?? 'GET';
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const { origin, authorization } = request.headers;
  if (!originAllowed(origin, options.allowedOrigins)) {
    return refused(403, coordinatorError('COORDINATOR_ORIGIN', { origin: String(origin).slice(0, 200) }));
  }
  if (method === 'OPTIONS') return { status: 204, body: null };
  const scopes = scopesOf(options.tokens, bearer(authorization));
  let body: unknown;
  if (method === 'POST') {
    if (!scopes) return refused(401, coordinatorError('COORDINATOR_TOKEN'));
    const read = await readJson(request);
    if ('problem' in read)
      return refused(400, coordinatorError('COORDINATOR_REQUEST', { problem: read.problem }));
    body = read.value;
  }
  return answer({ method, path: pathname, query: searchParams, body, scopes }, parts);
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

function write(
  response: ServerResponse,
  { status, body }: ApiAnswer,
  origin: string | undefined,
  { allowedOrigins }: HttpOptions,
): void {
  const text = status === 204 ? '' : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(origin !== undefined && allowedOrigins.includes(origin)
      ? {
          'access-control-allow-origin': origin,
          'access-control-allow-headers': 'authorization, content-type',
          'access-control-allow-methods': 'GET, POST',
          vary: 'origin',
        }
      : {}),
  });
  response.end(text);
}

function refused(status: number, { code, message }: { code: string; message: string }): ApiAnswer {
  return { status, body: { code, message } };
}
