/** The path of somebody who has Espalier's command and one tarball: in a folder outside of this workspace, without a network. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../..');
const MIB = 1024 * 1024;

describe("a stranger's path", () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-stranger-'));
    const tarball = (
      await run(process.execPath, [join(ROOT, 'libs/plugin-api/pack.mjs'), folder], ROOT)
    ).trim();
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true }));
    const npm = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball];
    await run('npm', npm, folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const espalier = (...args: readonly string[]): Promise<string> =>
    run(process.execPath, [join(ROOT, 'tools/cli/bin/espalier.cjs'), ...args], folder);
  const plugin = (file = ''): string => join(folder, 'espalier-plugin-mine', file);

  it('makes a criterion, changes one line, and finds it in order', async () => {
    await espalier('plugins', 'new', 'mine', '--kind', 'criterion');
    const source = readFileSync(plugin('index.js'), 'utf8');
    writeFileSync(plugin('index.js'), source.replace('Math.abs(weight)', 'weight * weight'));
    expect(readFileSync(plugin('index.js'), 'utf8')).not.toBe(source);

    // Its own tests, with what was installed.
    await run(process.execPath, ['--test'], plugin());
    const report = JSON.parse(await espalier('plugins', 'check', 'espalier-plugin-mine', '--json')) as {
      readonly passed: boolean;
      readonly digest: string;
    };
    expect(report).toMatchObject({
      passed: true,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
  });

  it('uses it in a recipe, whose run pins it and says that it scored', async () => {
    const sets = [
      `plugins.espalier-plugin-mine.from=${plugin()}`,
      'prune.criterion=espalier-plugin-mine/mine',
      'train.epochs=1',
      'prune.schedule.rounds=1',
    ].flatMap((set) => ['--set', set]);
    await espalier('run', join(ROOT, 'recipes/quick.yaml'), ...sets);
    const { digest } = JSON.parse(await espalier('plugins', 'check', 'espalier-plugin-mine', '--json')) as {
      readonly digest: string;
    };
    const run = join(
      folder,
      'runs',
      readdirSync(join(folder, 'runs')).filter((name) => !name.startsWith('.'))[0],
    );
    expect(readFileSync(join(run, 'recipe.resolved.yaml'), 'utf8')).toContain(digest);
    const done = readFileSync(join(run, 'events.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"stage.done"') && line.includes('"prune 1"'));
    expect(done).toHaveLength(1);
    expect(done[0]).toContain(digest);
  });

  it('is told by name which promise a change broke', async () => {
    const source = readFileSync(plugin('index.js'), 'utf8');
    writeFileSync(plugin('index.js'), source.replace('weight * weight', 'Math.random()'));
    const failed: unknown = await espalier('plugins', 'check', 'espalier-plugin-mine').catch(
      (error: unknown) => error,
    );
    writeFileSync(plugin('index.js'), source);
    expect(failed).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        'failed: criterion "mine" gives the same bits for the same input',
      ) as unknown,
    });
  });
});

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  // Without what jest or npm put into the environment of this process.
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS$|NODE_ENV$|NODE_TEST)/i.test(name),
  );
  const env = Object.fromEntries(kept);
  const { stdout } = await promisify(execFile)(program, [...args], { cwd, env, maxBuffer: 16 * MIB });
  return stdout;
}
