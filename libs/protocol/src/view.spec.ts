/** The door for pages, as a bundler sees it: nothing of Node, and small. */
import { buildSync } from 'esbuild';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { decodeMessage, encodeData, type Message } from './index';

/** What the protocol may add to a page, whose scripts have 150 KB in all. */
const MAX_GZIPPED_BYTES = 48 * 1024;

const { outputFiles } = buildSync({
  entryPoints: [join(__dirname, 'view.ts')],
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  globalName: 'view',
  platform: 'browser',
  target: 'es2022',
  conditions: ['@espalier/source'],
});
const [{ text }] = outputFiles;

/** The bundle's exports where there are the globals of a browser only. */
function inBrowser(): typeof import('./view') {
  const globals = { TextEncoder, TextDecoder, crypto: globalThis.crypto, Uint8Array, Float64Array };
  // As under a policy that forbids code from strings.
  const contextCodeGeneration = { strings: false, wasm: false };
  return runInNewContext(`${text}; view`, globals, { contextCodeGeneration }) as typeof import('./view');
}

describe('@espalier/protocol/view in a browser', () => {
  it(`weighs at most ${MAX_GZIPPED_BYTES} bytes`, () => {
    expect(gzipSync(text).byteLength).toBeLessThanOrEqual(MAX_GZIPPED_BYTES);
  });

  it('writes messages that Node reads', () => {
    const { encodeMessage, message } = inBrowser();
    const bytes = encodeMessage(message('view.watch', { topics: [{ kind: 'runs' }] }, { from: 'page' }));
    const received = decodeMessage(bytes) as Message<'view.watch'>;
    expect(received.body.topics).toEqual([{ kind: 'runs' }]);
  });

  it('reads what Node writes', () => {
    const frame = encodeData(
      { kind: 'view.state', topic: 'runs', version: 1 },
      new TextEncoder().encode('[]'),
    );
    const { header, bytes } = inBrowser().decodeViewData(frame);
    expect([header.kind, new TextDecoder().decode(bytes)]).toEqual(['view.state', '[]']);
  });
});
