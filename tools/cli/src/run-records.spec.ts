import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '@espalier/base';
import { RunLog } from '@espalier/store';
import { digestsOf, foldRecords, readRun, stopCutRuns } from './run-records';
import { runsFolder } from './runs-folder';

const DATA = 'd'.repeat(64);

function records(...events: readonly [type: string, fields: { [key: string]: JsonValue }][]) {
  return events.map(([type, fields], i) => ({ seq: i + 1, at: 1000 * i, type, fields }));
}

function stage(title: string, output: string): [string, { [key: string]: JsonValue }] {
  const spec = { kind: title.split(' ')[0], inputs: {} };
  const result = { outputs: { snapshot: { kind: 'snapshot', digest: output } }, metrics: {} };
  return ['stage.done', { title, key: output, spec, result, seconds: 1, cached: false }];
}

const CREATED: [string, { [key: string]: JsonValue }] = [
  'run.created',
  { recipe: { name: 'x', resolved: { data: DATA } } },
];

describe('a run as its log tells it', () => {
  it('has the stages that were done, without those that were taken back', () => {
    const run = foldRecords(
      'r',
      records(
        CREATED,
        stage('train', 'a'),
        stage('prune 1', 'b'),
        stage('retrain 1', 'c'),
        ['run.undone', { toRound: 0, kept: 1, recipe: { name: 'y', resolved: { data: DATA } } }],
        stage('prune 1', 'e'),
      ),
    );
    expect(run?.finished.map(({ key }) => key)).toEqual(['a', 'e']);
    expect(run?.recipe.name).toBe('y');
    expect(run && digestsOf(run)).toEqual([DATA, 'a', 'e']);
  });

  it('is none when the log does not begin as one', () => {
    expect(foldRecords('r', [])).toBeUndefined();
    expect(foldRecords('r', records(['stage.started', {}]))).toBeUndefined();
  });

  it('is stopped in its log when its process died, and left alone when it had ended', async () => {
    const root = mkdtempSync(join(tmpdir(), 'espalier-records-'));
    try {
      const folder = runsFolder(root);
      const write = async (id: string, ...types: readonly string[]): Promise<void> => {
        await using log = await RunLog.open(folder.file(id, 'events'));
        await log.append(...CREATED);
        for (const type of types) await log.append(type, {});
      };
      await write('cut', 'stage.started');
      await write('fresh');
      await write('done', 'stage.started', 'run.done');
      await write('paused', 'run.paused');
      expect([...(await stopCutRuns(folder))].sort()).toEqual(['cut', 'fresh']);
      expect((await readRun(folder, 'cut'))?.view.status).toBe('stopped');
      expect(await stopCutRuns(folder)).toEqual([]);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
