/** A shipped recipe whose kernels are hashed and coded by one plugin and that another one watches, by real processes. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../..');
const MIB = 1024 * 1024;
/** As little as every stage takes. */
const SHORT = ['train.epochs=1', 'prune.schedule.rounds=1', 'retrain.epochs=1', 'share.retrain.epochs=2'];
const WATCHED = [
  'plugins.@espalier/plugin-tensorboard.from=npm',
  'observers=[{name: "@espalier/plugin-tensorboard/tensorboard"}]',
];

interface LoggedEvent {
  readonly type: string;
  readonly fields: { readonly [key: string]: unknown };
}

describe('recipes/plugin-hashed.yaml, watched', () => {
  let folder: string;
  let run: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-shipped-'));
    const sets = [...SHORT, ...WATCHED].flatMap((set) => ['--set', set]);
    run = (
      await espalier('run', join(ROOT, 'recipes/plugin-hashed.yaml'), '--runs', folder, '--quiet', ...sets)
    ).trim();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('leaves a file that the program reads by itself, and whose error a fresh process confirms', async () => {
    const file = join(run, 'model.espalier');
    const { version, tensors } = JSON.parse(await espalier('inspect', file, '--json')) as {
      readonly version: number;
      readonly tensors: readonly { readonly name: string; readonly coding: string }[];
    };
    expect(version).toBe(4);
    const byPlugin = tensors.filter(({ coding }) => coding === 'plugin').map(({ name }) => name);
    expect(byPlugin).toEqual(['fc1/kernel', 'fc2/kernel', 'fc3/kernel']);
    const report = JSON.parse(readFileSync(join(run, 'report.json'), 'utf8')) as {
      readonly artifact: { readonly error: number };
      readonly final: { readonly error: number };
    };
    expect(report.artifact.error).toBe(report.final.error);
    // Two epochs of buckets: far from good, and far from chance.
    expect(report.artifact.error).toBeLessThan(0.3);
  });

  it('is told as an event file, and the log says where', () => {
    const events = readFileSync(join(run, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LoggedEvent);
    const observed = events.filter(({ type }) => type === 'run.observed');
    expect(observed).toHaveLength(1);
    expect(observed[0].fields).toMatchObject({
      plugin: '@espalier/plugin-tensorboard',
      observer: 'tensorboard',
      observations: [{ kind: 'table', title: 'TensorBoard' }],
    });
    const own = join(run, 'observers/espalier-plugin-tensorboard-tensorboard');
    const [file, ...more] = readdirSync(own);
    expect(more).toEqual([]);
    const content = readFileSync(join(own, file), 'latin1');
    for (const tag of ['loss/train', 'error/test', 'kept/all', 'bytes/artifact', 'error/artifact']) {
      expect(content).toContain(tag);
    }
  });
});

async function espalier(...args: readonly string[]): Promise<string> {
  const command = [join(ROOT, 'tools/cli/bin/espalier.cjs'), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 16 * MIB });
  return stdout;
}
