/** Thousands of series and a million values a minute: is every extreme there at the end, and do the coordinator and a page stay as they are? */
import { Random } from '@espalier/base';
import { watchTopics, type Shown } from '@espalier/transport';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { note } from '../bench-main';
import { launchChromium } from '../browser/chromium';
import { pretendTraining, type PretendedTraining } from './coordinator-process';
import { PageMemory } from './page-memory';
import type { LoadPart } from './results';
import { ToldSeries } from './told-series';

export interface StreamWish {
  readonly series: number;
  readonly perMinute: number;
  readonly minutes: number;
}

/** As services send them. */
const INTERVAL_MS = 100;
/** Values in one message, at most. */
const MESSAGE_VALUES = 1_000;
/** What a page asks for. */
const BUCKETS = 512;
const STALLED = 5;
/** So long before the end they come, and stop reading. Who is silent for three heartbeats, 30 s and more, is cut off. */
const STALL_MS = 20_000;
/** One value in so many is a spike. */
const SPIKE_EVERY = 1_000;
/** Clock ticks of /proc in a second. */
const TICKS = 100;
const MiB = 2 ** 20;

export async function measureStream({ series, perMinute, minutes }: StreamWish): Promise<LoadPart> {
  await using training = await pretendTraining();
  const browser = await launchChromium();
  await using _browser = { [Symbol.asyncDispose]: () => browser.close() };
  const page = await PageMemory.open(browser, training);
  const { run, viewUrl: url, token } = training;
  const topics = [{ kind: 'series' as const, run, names: ['*'], buckets: BUCKETS }];
  const reader = await watchTopics({ url, token }, topics);
  const stalled: Awaited<ReturnType<typeof watchTopics>>[] = [];
  const told = Array.from({ length: series }, () => new ToldSeries());
  const residentMiB: number[] = [residentOf(training)];
  const pageMiB: number[] = [await page.heapMiB()];
  const cpuBefore = cpuSeconds(training);
  const startedMs = performance.now();
  await tellFor(minutes * 60_000, {
    training,
    told,
    perMinute,
    async onMinute() {
      residentMiB.push(residentOf(training));
      pageMiB.push(await page.heapMiB());
    },
    async onTail() {
      for (let i = 0; i < STALLED; i++) stalled.push(await watchTopics({ url, token }, topics));
      for (const { view } of stalled) view.pause();
    },
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const cpuShare = (cpuSeconds(training) - cpuBefore) / seconds;
  residentMiB.push(residentOf(training));
  pageMiB.push(await page.heapMiB());
  const pageSeries = await page.seriesShown();
  const mostQueuedBytes = await mostQueued(training);
  await settled(reader.shown, told);
  let right = 0;
  for (const { view, shown } of stalled) {
    view.resume();
    await settled(shown, told);
    if (wrongIn(shown, told) === 0) right++;
    view.close();
  }
  const values = told.reduce((sum, { length }) => sum + length, 0);
  const result: LoadPart = {
    series,
    minutes,
    values,
    perMinute: (values / seconds) * 60,
    buckets: [...reader.shown.series.values()].reduce((sum, rows) => sum + rows.length, 0),
    wrong: wrongIn(reader.shown, told),
    residentMiB,
    page: { series: pageSeries, heapMiB: pageMiB },
    cpuShare,
    stalled: { viewers: STALLED, right },
    mostQueuedBytes,
    viewerBytesPerSecond: reader.shown.bytes / seconds,
  };
  reader.view.close();
  return result;
}

interface Telling {
  readonly training: PretendedTraining;
  readonly told: readonly ToldSeries[];
  readonly perMinute: number;
  onMinute(): Promise<void>;
  /** The last seconds begin. */
  onTail(): Promise<void>;
}

/** All series in turns, with spikes that a picture must not lose. */
async function tellFor(ms: number, { training, told, perMinute, onMinute, onTail }: Telling): Promise<void> {
  const random = new Random(1, 'bench-dashboard');
  const startedMs = performance.now();
  let sent = 0;
  let at = 0;
  let minute = 0;
  let tail = false;
  for (;;) {
    const passedMs = performance.now() - startedMs;
    if (passedMs >= ms) return;
    if (!tail && passedMs >= ms - STALL_MS) {
      tail = true;
      await onTail();
    }
    if (passedMs >= (minute + 1) * 60_000) {
      minute++;
      await onMinute();
      note(`${minute} min: ${Math.round(sent / 1000)} thousand values`);
    }
    const due = Math.floor((perMinute * passedMs) / 60_000) - sent;
    for (let left = due; left > 0;) {
      const count = Math.min(left, MESSAGE_VALUES, told.length);
      const message = [];
      for (let i = 0; i < count; i++, at = (at + 1) % told.length) {
        const value =
          random.uniform() + (random.uniform() < 1 / SPIKE_EVERY ? 100 * (random.uniform() - 0.5) : 0);
        message.push({ name: `kept/layer${at}`, x: [told[at].length], y: [value] });
        told[at].add(value);
      }
      await training.tell(message);
      sent += count;
      left -= count;
    }
    await pause(INTERVAL_MS);
  }
}

/** Until the viewer has the last step of each series. */
async function settled(shown: Shown, told: readonly ToldSeries[]): Promise<void> {
  const last = told[told.length - 1];
  await shown.until(({ series }) => {
    const rows = series.get(`kept/layer${told.length - 1}`);
    return (
      rows?.at(-1)?.[0] === last.length - 1 &&
      told.every((one, i) => {
        const own = series.get(`kept/layer${i}`);
        return own?.at(-1)?.[0] === one.length - 1;
      })
    );
  });
}

function wrongIn(shown: Shown, told: readonly ToldSeries[]): number {
  return told.reduce((sum, one, i) => sum + one.wrong(shown.series.get(`kept/layer${i}`) ?? []), 0);
}

async function mostQueued({ url, token }: PretendedTraining): Promise<number> {
  const answer = await fetch(`${url}/api/viewers`, { headers: { authorization: `Bearer ${token}` } });
  const { viewers } = (await answer.json()) as { viewers: readonly { readonly mostQueuedBytes: number }[] };
  return Math.max(0, ...viewers.map(({ mostQueuedBytes }) => mostQueuedBytes));
}

function residentOf({ pid }: PretendedTraining): number {
  const status = readFileSync(`/proc/${pid()}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / MiB;
}

function cpuSeconds({ pid }: PretendedTraining): number {
  const fields = readFileSync(`/proc/${pid()}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
