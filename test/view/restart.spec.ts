/** Real processes: the coordinator is killed while quick.yaml trains. A viewer that connects again has every step once. */
import { Shown, watchTopics, type View } from '@espalier/transport';
import type { ProgressView, RunLine, Topic } from '@espalier/protocol';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'tools/cli/bin/espalier.cjs');
const AGAIN_MS = 100;

interface Served {
  readonly url: string;
  readonly viewerLink: string;
  readonly pids: { readonly coordinator: number };
}

const espalier = (args: readonly string[], stdout: 'pipe' | 'ignore'): ChildProcess =>
  spawn(process.execPath, [CLI, ...args], { cwd: ROOT, stdio: ['ignore', stdout, 'ignore'] });

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', resolve));

function served(child: ChildProcess): Promise<Served> {
  return new Promise((resolve) => {
    let said = '';
    child.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said) as Served);
    });
  });
}

describe('a coordinator that is killed in the middle of a training', () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-restart-'));
  const tokenFile = join(folder, 'token');
  const children: ChildProcess[] = [];
  afterAll(async () => {
    for (const child of children.filter(({ exitCode }) => exitCode === null)) {
      const gone = ended(child);
      child.kill('SIGINT');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('is there again, and a viewer has every step of every stage once', async () => {
    const serving = espalier(
      ['serve', '--runs', join(folder, 'runs'), '--token-file', tokenFile, '--json'],
      'pipe',
    );
    children.push(serving);
    const { url, viewerLink, pids } = await served(serving);
    const at = {
      url: `${url.replace('http', 'ws')}/view`,
      token: new URL(viewerLink).hash.replace('#token=', ''),
    };
    const shown = new Shown();
    let topics: readonly Topic[] = [{ kind: 'runs' }];
    let view: View | undefined;
    /** As a page: says again what it wants to see whenever it is connected. */
    const connect = async (): Promise<void> => {
      for (;;) {
        try {
          ({ view } = await watchTopics(at, topics, shown));
          return;
        } catch {
          await pause(AGAIN_MS);
        }
      }
    };
    await connect();
    const running = espalier(
      [
        ...['run', join(ROOT, 'recipes/quick.yaml'), '--hub', url, '--token-file', tokenFile],
        ...['--runs', join(folder, 'mine'), '--quiet'],
      ],
      'ignore',
    );
    children.push(running);
    const line = (): RunLine | undefined => (shown.states.get('runs') as RunLine[] | undefined)?.[0];
    await shown.until(() => line()?.stage === 'train');
    const run = line()?.id ?? '';
    topics = [
      { kind: 'runs' },
      { kind: 'progress', run },
      { kind: 'series', run, names: ['*'], buckets: 16_384 },
    ];
    view?.watch(topics);
    await shown.until(
      ({ states }) => ((states.get(`progress:${run}`) as ProgressView | null)?.step ?? 0) > 50,
    );
    expect(line()?.finishedStages).toBe(0);

    const cut = (view as View).closed;
    process.kill(pids.coordinator, 'SIGKILL');
    await cut;
    await connect();
    await shown.until(() => line()?.status === 'done');
    expect(await ended(running)).toBe(0);
    expect(new Set(shown.sessions).size).toBe(2);

    // Every step of training is told, and there is room for each: no gap, and none twice.
    const stages = [[]] as number[][];
    for (const [x, , , loss] of shown.series.get('loss') ?? []) {
      if (Number.isNaN(loss)) stages.push([]);
      else stages[stages.length - 1].push(x);
    }
    expect(stages.map((steps) => steps.length > 100)).toEqual([true, true, true, true]);
    for (const steps of stages) {
      expect(steps).toEqual(Array.from(steps, (_, i) => steps[0] + i));
    }
    // Who comes late is given the same.
    const late = await watchTopics(at, topics);
    await late.shown.until(({ series }) => series.size === shown.series.size);
    expect(late.shown.series).toEqual(shown.series);
    late.view.close();
    view?.close();
  });
});
