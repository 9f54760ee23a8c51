/** What the views of a run that is done show, beside what its log, its series and its file say, which the page does not read. */
import type { ServedDashboard } from '@espalier/bench';
import { decodeArtifact } from '@espalier/encoding';
import type { Report } from '@espalier/stages';
import { readRunLog } from '@espalier/store';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { RunEventFields } from '../../services/coordinator/src/run-events';
import { SeriesLog } from '../../services/coordinator/src/view/series/series-log';
import {
  bytesText,
  countText,
  durationText,
  figureText,
  percent,
  shareText,
  times,
} from '../../services/dashboard/src/text/format';
import { show, tableOf } from './run-page';

export interface ShownRun {
  /** A page that shows whatever it is told to. */
  readonly page: Page;
  readonly served: ServedDashboard;
  /** The folder of the coordinator's runs. */
  readonly runs: string;
  /** Two runs of one recipe; the report is the first one's. */
  readonly ids: readonly [string, string];
  readonly report: Report;
}

type StageDone = RunEventFields['stage.done'];

/** Of the run's log, whose figures reached the page by other ways. */
async function stagesOf(runs: string, id: string): Promise<readonly StageDone[]> {
  const log = await readRunLog(join(runs, id, 'events.jsonl'));
  return log.flatMap(({ type, fields }) => (type === 'stage.done' ? [fields as unknown as StageDone] : []));
}

export function figuresAreShown(of: () => ShownRun): void {
  it('shows how long each stage took, as its log has it', async () => {
    const { page, runs, ids } = of();
    const done = await stagesOf(runs, ids[0]);
    await show(page, `#/runs/${ids[0]}`);
    await page.getByRole('button', { name: `All ${done.length} stages` }).click();
    const rows = await tableOf(page.getByRole('region', { name: 'Stages one by one' }));
    expect(rows.map((row) => [row['Stage'], row['Time']])).toEqual(
      done.map(({ title, seconds }) => [title, durationText(seconds)]),
    );
  });

  it('shows what each stage pulled, by form, as its log has it', async () => {
    const { page, runs, ids } = of();
    const done = await stagesOf(runs, ids[0]);
    expect(done.some(({ wire }) => wire.masked > 0)).toBe(true);
    await show(page, `#/runs/${ids[0]}/bytes`);
    const table = page.getByRole('region', { name: 'Bytes of stages' });
    await table.waitFor();
    const rows = await tableOf(table);
    expect(
      rows.map(({ Stage, dense, masked, overhead, 'had it': had }) => [Stage, dense, masked, overhead, had]),
    ).toEqual(
      done.map(({ title, wire: { dense, masked, overhead, had } }) => [
        title,
        ...[dense, masked, overhead, had].map(bytesText),
      ]),
    );
  });

  it('shows of each layer how many weights a round left, and below which threshold the others were', async () => {
    const { page, runs, ids } = of();
    for (const { key, result } of (await stagesOf(runs, ids[0])).filter(
      ({ spec }) => spec.kind === 'prune',
    )) {
      const layers = result.metrics['layers'] as unknown as readonly LayerCut[];
      await show(page, `#/runs/${ids[0]}`);
      await show(page, `#/runs/${ids[0]}/layers?stage=${key}`);
      for (const { name, weights, kept, threshold } of layers) {
        const layer = name.replace('/kernel', '');
        const article = page.getByRole('article', { name: `Layer ${layer}` });
        await article.getByText(`${countText(kept)} of ${countText(weights)}`).waitFor();
        const said = await article.getByRole('img').getAttribute('aria-label');
        expect(said).toMatch(new RegExp(`^${layer}: ${countText(kept)} weights that are not zero, from -`));
        expect(said).toContain(`weights within ±${figureText(threshold)} were removed`);
        expect(await article.innerText()).toContain(`removed within ±${figureText(threshold)}`);
      }
    }
  });

  it('shows the values that weights of the file share, and how many have each', async () => {
    const { page, served, ids, report } = of();
    const file = await fetch(`${served.url}/api/runs/${ids[0]}/artifact`, {
      headers: { authorization: `Bearer ${served.token}` },
    });
    const { tensors } = decodeArtifact(new Uint8Array(await file.arrayBuffer()));
    await show(page, `#/runs/${ids[0]}`);
    await show(page, `#/runs/${ids[0]}/layers`);
    for (const { name } of report.layers) {
      const uses = new Map<number, number>();
      for (const value of tensors.get(`${name}/kernel`)?.data ?? []) {
        if (value !== 0) uses.set(value, (uses.get(value) ?? 0) + 1);
      }
      const inFile = [...uses].sort(([a], [b]) => a - b);
      const article = page.getByRole('article', { name: `Layer ${name}` });
      await article.getByText('As a table').click();
      const rows = await tableOf(article.getByRole('region', { name: `Shared values of ${name}` }));
      const used = rows.filter(({ Weights }) => Weights !== '0');
      expect(used.map(({ Weights }) => Weights)).toEqual(inFile.map(([, count]) => countText(count)));
      used.forEach(({ Value }, i) => expect(Number(Value) / inFile[i][0]).toBeCloseTo(1, 2));
    }
  });

  it('shows the last value of every series that its stages have told', async () => {
    const { page, runs, ids } = of();
    const done = await stagesOf(runs, ids[0]);
    // The coordinator goes on with the log itself.
    const copy = join(runs, '..', 'series.log');
    copyFileSync(join(runs, ids[0], 'series.log'), copy);
    const last = new Map<string, number>();
    const series = await SeriesLog.open(copy);
    for (const { key } of done) {
      for await (const { body } of series.read(key)) {
        for (const { name, y } of body.series) last.set(name, y[y.length - 1]);
      }
    }
    await series.close();
    expect([...last.keys()]).toEqual(expect.arrayContaining(['loss', 'error/heldOut', 'kept', 'kept/fc1']));
    await show(page, `#/runs/${ids[0]}/series`);
    await page.getByText(`${last.size} of ${last.size} series`).waitFor();
    const rows = await Promise.all(
      (
        await page
          .getByRole('listitem')
          .filter({ has: page.getByRole('checkbox') })
          .all()
      ).map((item) => Promise.all([item.locator('.name').innerText(), item.locator('.number').innerText()])),
    );
    expect(new Map(rows)).toEqual(new Map([...last].map(([name, value]) => [name, figureText(value)])));
  });

  it('shows the figures of two runs side by side', async () => {
    const { page, runs, ids } = of();
    await show(page, `#/compare?ids=${ids.join()}`);
    const table = page.getByRole('region', { name: 'Table of figures' });
    // The second one's file was coded before, so only its times are others.
    await table.getByText('File').waitFor();
    const rows = await tableOf(table);
    for (const [i, id] of ids.entries()) {
      const { dense, artifact, weights } = await reportOf(runs, id);
      const seconds = (await stagesOf(runs, id)).reduce((sum, stage) => sum + stage.seconds, 0);
      expect(rows.map((row) => [row['Figure'], Object.values(row)[i + 1]])).toEqual([
        ['State', expect.stringContaining('done')],
        ['Test error', percent(artifact.error)],
        ['Dense network', percent(dense.error)],
        ['Weights kept', `${shareText(weights.kept / weights.total)} (${countText(weights.kept)})`],
        ['File', bytesText(artifact.bytes)],
        ['Smaller', times(artifact.ratio)],
        ['Time', durationText(seconds)],
      ]);
    }
    const front = await page.getByRole('img', { name: /fewer weights at error/ }).getAttribute('aria-label');
    for (const id of ids) {
      const { weights, rounds } = await reportOf(runs, id);
      const { kept = 0, testError } = rounds[rounds.length - 1];
      expect(front).toContain(
        `${id}: ${times(weights.total / kept)} fewer weights at error ${percent(testError)}`,
      );
    }
    await page.getByText('Nothing: the same recipe, done more than once.').waitFor();
  });

  it('shows of each service its engine and memory, as its process has them', async () => {
    const { page, served, report } = of();
    await show(page, '#/services');
    const { backend, version, threads } = report.engine;
    for (const service of ['trainer', 'pruner', 'retrainer', 'encoder'] as const) {
      const card = page
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading', { name: service, exact: true }) });
      const figure = (name: string): Promise<string> =>
        card.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd[1]').innerText();
      await card.locator('dd', { hasText: / MB$/ }).waitFor();
      if (service.endsWith('trainer')) {
        expect(await figure('Engine')).toBe(
          `${backend} ${version}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
        );
      }
      const [, amount] = /^(\d+(?:\.\d+)?) MB$/.exec(await figure('Memory')) ?? [];
      const held = residentBytes(served.pids[service]) / 1e6;
      // It is told every few seconds and moves in between.
      expect(Number(amount)).toBeGreaterThan(held / 2);
      expect(Number(amount)).toBeLessThan(held * 2);
    }
  });
}

interface LayerCut {
  readonly name: string;
  readonly weights: number;
  readonly kept: number;
  readonly threshold: number;
}

/** As the run's log has it: that which the command line leaves has the error as measured by a fresh process. */
async function reportOf(runs: string, id: string): Promise<Report> {
  const log = await readRunLog(join(runs, id, 'events.jsonl'));
  const done = log.find(({ type }) => type === 'run.done');
  return done?.fields['report'] as unknown as Report;
}

/** What the kernel says that a process has in memory. */
function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
