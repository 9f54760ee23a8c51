/** A plugin that a person starts: the process is started by the test, as somebody would on another machine. */
import { manifestOf, type Plugin } from '@espalier/plugin-api';
import { Random, errorCode } from '@espalier/base';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Awaited } from './attached-package';
import { digestOfManifest } from './in-process';
import { openPluginHost } from './open-plugin-host';
import { openStagePlugins, AWAITED } from './open-stage-plugins';
import type { PluginHost } from './plugin-host';
import { runnerFile } from './process/runner-file';
import { hostileFolder } from './testing/hostile';

const MODULE = join(hostileFolder('good'), 'plugin.cjs');
const manifest = manifestOf(jest.requireActual<Plugin>('./testing/plugins/good/plugin.cjs'));
const digest = digestOfManifest(manifest);
const WEIGHTS = Float32Array.of(-3, 1, 2, 0);

describe('a plugin that a person starts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-by-hand-'));
  const children: ChildProcess[] = [];
  let runner: string;
  beforeAll(async () => {
    runner = await runnerFile(folder);
  });
  afterAll(async () => {
    await Promise.all(children.map(ended));
    rmSync(folder, { recursive: true, force: true });
  });

  /** A folder that says what the plugin is, and that a person starts it. */
  function described(name: string, said: object): string {
    const at = join(folder, name);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'espalier-plugin.json'), JSON.stringify(said));
    return at;
  }
  /** With nothing but address and token. */
  function startByHand({ url, token }: Pick<Awaited, 'url' | 'token'>): ChildProcess {
    const env = { ESPALIER_PLUGIN_URL: url, ESPALIER_PLUGIN_TOKEN: token };
    const child = spawn(process.execPath, [runner, MODULE], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    children.push(child);
    return child;
  }
  const good = (): string => described('good', { ...manifest, attach: true });
  const refusal = (promise: Promise<unknown>): Promise<string | undefined> =>
    promise.then(
      () => undefined,
      (error: unknown) => errorCode(error),
    );
  const waiting = (allow = ['good']): [Promise<PluginHost>, Promise<Awaited>] => {
    let tell: (awaited: Awaited) => void;
    const told = new Promise<Awaited>((resolve) => (tell = resolve));
    return [openPluginHost({ allow, onAwaited: (awaited) => tell(awaited) }), told];
  };

  it('is waited for with an address and a token, admitted, and scores', async () => {
    const [opening, told] = waiting();
    await using host = await opening;
    const loading = host.load({ from: good(), expect: { digest } });
    const child = startByHand(await told);
    const plugin = await loading;
    expect(plugin).toMatchObject({ ref: { name: 'good', version: '1.0.0', digest }, where: 'attached' });
    const input = { name: 'fc1/kernel', shape: [2, 2], weights: WEIGHTS, random: new Random(1) };
    expect([...(await plugin.criterion('power').score(input))]).toEqual([3, 1, 2, 0]);
    await plugin[Symbol.asyncDispose]();
    await ended(child);
  });

  it('is described by its folder alone: nothing is waited for', async () => {
    await using host = await openPluginHost({ allow: ['good'] });
    expect(await host.describe({ from: good() })).toEqual({
      ref: { name: 'good', version: '1.0.0', digest },
      manifest,
    });
    const made = described('made-for-2', { ...manifest, host: '^2.0.0', attach: true });
    expect(await refusal(host.describe({ from: made }))).toBe('PLUGIN_HOST_VERSION');
  });

  it('is refused before any tensor when it says something else than what was pinned', async () => {
    const [opening, told] = waiting();
    await using host = await opening;
    const contributions = manifest.contributions.slice(1);
    const loading = host.load({ from: described('less', { ...manifest, contributions, attach: true }) });
    const failed = refusal(loading);
    const child = startByHand(await told);
    let words = '';
    child.stderr?.on('data', (part: Buffer) => (words += part.toString()));
    await ended(child);
    expect(await failed).toBe('PLUGIN_ATTACHED');
    expect(words).toContain('does not say what its espalier-plugin.json says');
  });

  it('is not waited for where it is not allowed, is another than pinned, or nobody can be told', async () => {
    const [opening] = waiting(['another']);
    await using strict = await opening;
    expect(await refusal(strict.load({ from: good() }))).toBe('PLUGIN_NOT_ALLOWED');
    await using host = await openPluginHost({ allow: ['good'] });
    expect(await refusal(host.load({ from: good(), expect: { digest: 'a'.repeat(64) } }))).toBe(
      'PLUGIN_DIGEST',
    );
    expect(await refusal(host.load({ from: good() }))).toBe('PLUGIN_BY_HAND');
  });

  it('is not waited for any more when the host ends', async () => {
    const [opening, told] = waiting();
    const host = await opening;
    const failed = refusal(host.load({ from: good() }));
    await told;
    await host[Symbol.asyncDispose]();
    expect(await failed).toBe('PLUGIN_CLOSED');
  });

  it('is told of in the log of a service, which then uses it', async () => {
    let tell: (fields: Readonly<Record<string, unknown>>) => void;
    const told = new Promise<Readonly<Record<string, unknown>>>((resolve) => (tell = resolve));
    const quiet = (): void => undefined;
    const warn = (message: string, fields = {}): void => void (message === AWAITED && tell(fields));
    const logger = { debug: quiet, info: quiet, warn, error: quiet };
    const ours = {} as Parameters<typeof openStagePlugins>[0]['ours'];
    await using service = await openStagePlugins({ ours, allowPlugins: [good()], logger });
    const ref = { name: 'power', options: { power: 2 }, plugin: { name: 'good', version: '1.0.0', digest } };
    const finding = service.plugins.criterion(ref);
    const { ESPALIER_PLUGIN_URL: url, ESPALIER_PLUGIN_TOKEN: token } = await told;
    startByHand({ url: String(url), token: String(token) });
    const { score, defaults: options } = await finding;
    const input = { name: 'fc1/kernel', shape: [2, 2], weights: WEIGHTS, random: new Random(1), options };
    expect([...(await score(input))]).toEqual([9, 1, 4, 0]);
  });

  it.each([
    ['has a "start" and an "attach"', { start: ['./run'], attach: true }],
    ['"attach" must be true, or', { attach: { port: 70_000 } }],
    ['"attach" must be true, or', { attach: 'ws://somewhere' }],
    ['"host" must be the range', { attach: true, host: undefined }],
    ['"contributions" must be the list', { attach: true, contributions: undefined }],
  ])('is described well, or the error says what is wrong: %s', async (problem, change) => {
    await using host = await openPluginHost({ allow: ['good'] });
    const from = described('wrong', { ...manifest, ...change });
    await expect(host.describe({ from })).rejects.toThrow(problem);
  });
});

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
