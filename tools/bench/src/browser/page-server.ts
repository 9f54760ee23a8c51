/** Serves a page that loads the bundle of libs/inference, on loopback. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const PAGE = `<!doctype html><meta charset="utf-8"><title>espalier</title>
<script type="module" src="/page.js"></script>`;

/** `espalier` becomes a global, for scripts that a test sends. */
const PAGE_SCRIPT = `import * as espalier from '/espalier.js';
globalThis.espalier = espalier;`;

/** As sites have them: with the first one WebAssembly may run, with the second it may not. */
export const POLICIES = {
  '/': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  '/strict': "default-src 'self'; script-src 'self'",
} as const;

export interface PageServer extends AsyncDisposable {
  readonly address: string;
}

/** @param files bytes by path, beside the page */
export async function servePage(files: ReadonlyMap<string, Uint8Array>): Promise<PageServer> {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const server: Server = createServer(({ url = '' }, response) => {
    const policy = (POLICIES as Readonly<Record<string, string>>)[url];
    const content = policy ? text(PAGE) : url === '/page.js' ? text(PAGE_SCRIPT) : files.get(url);
    if (content === undefined) return void response.writeHead(404).end();
    const type = policy ? 'text/html' : url.endsWith('.js') ? 'text/javascript' : 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, ...(policy && { 'content-security-policy': policy }) });
    response.end(content);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
