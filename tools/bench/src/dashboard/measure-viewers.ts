/** What a hundred viewers, and some that never read, cost a training: pairs of runs, one with them and one without. */
import type { ProgressView, RunLine, Topic } from '@espalier/protocol';
import { Shown, watchTopics, type View } from '@espalier/transport';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { note } from '../bench-main';
import { endingWithUs } from '../children';
import { CLI_SCRIPT, ROOT } from '../places';
import type { ViewersPart } from './results';
import { serveCluster, type ServingCluster } from './serving-cluster';

export interface ViewersWish {
  readonly pairs: number;
  readonly viewers: number;
  readonly epochs: number;
}

const RECIPE = 'recipes/quick.yaml';
const NEVER_READ = 5;
/** The first steps are the engine's warming up. */
const FROM_SHARE = 0.2;

export async function measureViewers({ pairs, viewers, epochs }: ViewersWish): Promise<ViewersPart> {
  await using cluster = await serveCluster();
  // A first run loads the data into the trainer's store, and its code into the processor.
  await stepMs(cluster, { epochs, seed: 1, viewers: 0 });
  const measured: ViewersPart['pairs'][number][] = [];
  let mostQueuedBytes = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const ms = { with: 0, without: 0 };
    // In turns, so that what changes slowly hits both.
    for (const way of pair % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
      const seed = 2 + 2 * pair + (way === 'with' ? 1 : 0);
      const measure = await stepMs(cluster, { epochs, seed, viewers: way === 'with' ? viewers : 0 });
      ms[way] = measure.ms;
      mostQueuedBytes = Math.max(mostQueuedBytes, measure.mostQueuedBytes);
    }
    measured.push({ withMs: ms.with, withoutMs: ms.without });
    note(`pair ${pair + 1} of ${pairs}: ${ms.with.toFixed(3)} ms with, ${ms.without.toFixed(3)} ms without`);
  }
  const ratios = measured.map(({ withMs, withoutMs }) => withMs / withoutMs).sort((a, b) => a - b);
  const middle = ratios.length / 2;
  const ratio = (ratios[Math.ceil(middle) - 1] + ratios[Math.floor(middle)]) / 2;
  const { pinned } = cluster;
  return { recipe: RECIPE, viewers, neverRead: NEVER_READ, pairs: measured, ratio, mostQueuedBytes, pinned };
}

interface OneRun {
  readonly epochs: number;
  readonly seed: number;
  readonly viewers: number;
}

/** A training, watched by nobody but who measures, or by many. */
async function stepMs(
  cluster: ServingCluster,
  { epochs, seed, viewers }: OneRun,
): Promise<{ readonly ms: number; readonly mostQueuedBytes: number }> {
  const { viewUrl: url, viewerToken: token } = cluster;
  const before = await runIds(cluster);
  const steps: { readonly at: number; readonly step: number; readonly steps: number }[] = [];
  const shown = new Shown();
  const { view } = await watchTopics({ url, token }, [{ kind: 'runs' }], shown);
  const cli = endingWithUs(
    spawn(
      process.execPath,
      [
        ...[CLI_SCRIPT, 'run', join(ROOT, RECIPE), '--hub', cluster.url, '--token-file', cluster.tokenFile],
        ...['--runs', join(cluster.folder, 'mine'), '--threads', '1', '--seed', String(seed), '--quiet'],
        ...['--set', `train.epochs=${epochs}`],
      ],
      { cwd: ROOT, stdio: 'ignore' },
    ),
  );
  const closed = new Promise<void>((resolve) => cli.once('close', () => resolve()));
  let run = '';
  const newest = (): RunLine | undefined =>
    (shown.states.get('runs') as RunLine[] | undefined)?.find(({ id }) => !before.has(id));
  await shown.until(() => (run = newest()?.id ?? '') !== '');
  view.watch([{ kind: 'runs' }, { kind: 'progress', run }]);
  const watching = await watchAll(cluster, run, viewers);
  await shown.until(({ states }) => {
    const progress = states.get(`progress:${run}`) as ProgressView | null | undefined;
    if (progress?.stage === 'train') steps.push(progress);
    return (newest()?.finishedStages ?? 0) > 0;
  });
  const mostQueuedBytes = await mostQueued(cluster);
  cli.kill('SIGINT');
  for (const one of watching) one.close();
  view.close();
  await closed;
  const measured = steps.filter(({ step, steps: all }) => step >= FROM_SHARE * all);
  const first = measured[0];
  const last = measured[measured.length - 1];
  return { ms: (last.at - first.at) / (last.step - first.step), mostQueuedBytes };
}

/** So many viewers who watch everything, and those who never read. */
async function watchAll(
  { viewUrl: url, viewerToken: token }: ServingCluster,
  run: string,
  viewers: number,
): Promise<View[]> {
  const topics: Topic[] = [
    { kind: 'runs' },
    { kind: 'services' },
    { kind: 'run', run },
    { kind: 'progress', run },
    { kind: 'series', run, names: ['*'], buckets: 1024 },
  ];
  const all: View[] = [];
  for (let i = 0; viewers > 0 && i < viewers + NEVER_READ; i++) {
    const { view } = await watchTopics({ url, token }, topics);
    if (i >= viewers) view.pause();
    all.push(view);
  }
  return all;
}

async function runIds(cluster: ServingCluster): Promise<ReadonlySet<string>> {
  const { runs } = await ask<{ runs: readonly { readonly id: string }[] }>(cluster, '/api/runs');
  return new Set(runs.map(({ id }) => id));
}

async function mostQueued(cluster: ServingCluster): Promise<number> {
  const { viewers } = await ask<{ viewers: readonly { readonly mostQueuedBytes: number }[] }>(
    cluster,
    '/api/viewers',
  );
  return Math.max(0, ...viewers.map(({ mostQueuedBytes }) => mostQueuedBytes));
}

async function ask<T>({ url, viewerToken }: ServingCluster, path: string): Promise<T> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${viewerToken}` } });
  return (await answer.json()) as T;
}
