/** The page, as its build left it: files that lie there compressed too. Where it was not built, a line that says how. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

export interface FileAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface FileRequest {
  readonly path: string;
  readonly acceptEncoding?: string;
  readonly ifNoneMatch?: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.espalier': 'application/octet-stream',
};

/** Only what comes from here; WebAssembly runs the networks, and `blob:` is what a page makes of files that are dropped on it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SAFE = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Vite names these by their content. */
const IMMUTABLE = /^assets\//;

const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

/** @param folder the page's `dist/` */
export async function pageFile(folder: string, request: FileRequest): Promise<FileAnswer> {
  const path = pathIn(request.path);
  if (path === undefined) return plain(404, 'There is no such file.');
  const found = await readPage(join(folder, path), request.acceptEncoding ?? '');
  if (!found) {
    return path === 'index.html'
      ? plain(
          503,
          'The dashboard is not built. Run "npm run build:dashboard" in Espalier\'s folder, then load this page again.',
        )
      : plain(404, 'There is no such file.');
  }
  const etag = `"${createHash('sha256').update(found.body).digest('base64url').slice(0, 22)}"`;
  const headers = {
    ...SAFE,
    'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
    'cache-control': IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    etag,
    ...(found.encoding === undefined ? {} : { 'content-encoding': found.encoding }),
  };
  if (request.ifNoneMatch === etag) return { status: 304, headers, body: new Uint8Array(0) };
  return { status: 200, headers, body: found.body };
}

/** The file within the folder that a request means; undefined when it is none of it. */
function pathIn(path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return undefined;
  const normal = normalize(decoded).replace(/^\/+/, '');
  const parts = normal.split(sep);
  // No hidden files, and no way up.
  if (parts.some((part) => part.startsWith('.') && part !== '.')) return undefined;
  return normal === '' || normal === '.' ? 'index.html' : normal;
}

async function readPage(
  file: string,
  acceptEncoding: string,
): Promise<{ readonly body: Uint8Array; readonly encoding?: string } | undefined> {
  const accepted = acceptEncoding.split(',').map((one) => one.split(';')[0].trim());
  for (const { name, suffix } of ENCODINGS) {
    if (!accepted.includes(name)) continue;
    const body = await readFile(`${file}${suffix}`).catch(() => undefined);
    if (body) return { body, encoding: name };
  }
  const body = await readFile(file).catch(() => undefined);
  return body && { body };
}

function plain(status: number, text: string): FileAnswer {
  const headers = { ...SAFE, 'content-type': TYPES['.txt'], 'cache-control': 'no-store' };
  return { status, headers, body: new TextEncoder().encode(`${text}\n`) };
}
