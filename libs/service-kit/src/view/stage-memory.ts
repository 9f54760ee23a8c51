/**
 * The figures of a stage, kept beside its result: when that comes out of the cache, for another run, its curves are there too. A few
 * thousand points a stage, thinned like those that wait, and those of the latest stages.
 */
import { errorMessage, type JsonValue, type Logger } from '@espalier/base';
import type { RecordStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';
import type { RunnerWatcher } from './show-desk';
import { isShowable, thinned } from './waiting-points';

/** Points of a stage; some 100 KB on the disk. */
const MAX_POINTS = 4_000;
const MAX_SERIES = 1_000;
/** Stages that are remembered by a service. */
const MAX_STAGES = 256;
/** What a process that is killed may forget. */
const SAVE_INTERVAL_MS = 10_000;

type Series = { x: number[]; y: number[] };

export class StageFigures {
  private readonly series = new Map<string, Series>();
  private count = 0;

  /** From a record of before; of one that is damaged nothing is taken. */
  static of(record: unknown): StageFigures {
    const figures = new StageFigures();
    const { series } = (record ?? {}) as { readonly series?: unknown };
    for (const each of Array.isArray(series) ? series : []) {
      const { name, x, y } = (each ?? {}) as Partial<Record<keyof Series | 'name', unknown>>;
      if (typeof name !== 'string' || !areNumbers(x) || !areNumbers(y)) continue;
      figures.add(name, x, y);
    }
    return figures;
  }

  /**
   * Takes the place of what was from the first of these steps on: a stage that goes on from a checkpoint, or starts anew, says it again.
   * @returns false when nothing is new
   */
  add(name: string, x: ArrayLike<number>, y: ArrayLike<number>): boolean {
    if (!isShowable(name) || x.length === 0) return false;
    const series = this.series.get(name) ?? { x: [], y: [] };
    if (!this.series.has(name) && this.series.size === MAX_SERIES) return false;
    if (x.length === 1 && series.x.at(-1) === x[0] && series.y.at(-1) === y[0]) return false;
    this.series.set(name, series);
    while (series.x.length > 0 && series.x[series.x.length - 1] >= x[0]) {
      series.x.pop();
      series.y.pop();
      this.count--;
    }
    for (let i = 0; i < Math.min(x.length, y.length); i++) {
      series.x.push(x[i]);
      series.y.push(y[i]);
      this.count++;
    }
    if (this.count > MAX_POINTS) this.thin();
    return true;
  }

  record(): JsonValue {
    return { series: [...this.series].map(([name, { x, y }]) => ({ name, x, y })) };
  }

  tell(watcher: Pick<RunnerWatcher, 'points'>): void {
    for (const [name, { x, y }] of this.series) watcher.points(name, x, y);
  }

  private thin(): void {
    this.count = 0;
    for (const series of this.series.values()) {
      const { x, y } = thinned(series.x, series.y);
      series.x = x;
      series.y = y;
      this.count += x.length;
    }
  }
}

export interface StageMemory {
  /** Passes on what the stage shows, and remembers its figures. */
  readonly watcher: RunnerWatcher;
  /** Says what a stage of this key has shown before. */
  recall(): void;
  /** Keeps what is new. */
  close(): Promise<void>;
}

/** Until closed. Never rejects: what is lost here are curves. */
export async function stageMemory(
  watcher: RunnerWatcher,
  { key, records, logger }: { readonly key: Digest; readonly records: RecordStore; readonly logger: Logger },
): Promise<StageMemory> {
  const lost = (error: unknown): void =>
    logger.warn('figures of a stage could not be kept for later runs', { key, problem: errorMessage(error) });
  const figures = StageFigures.of(await records.find(key).catch(lost));
  let isNew = false;
  let saving = Promise.resolve();
  const save = (): void => {
    if (!isNew) return;
    isNew = false;
    saving = saving
      .then(() => records.put(key, figures.record()))
      .then(() => forgetOldest(records))
      .catch(lost);
  };
  const timer = setInterval(save, SAVE_INTERVAL_MS);
  timer.unref();
  return {
    watcher: {
      points(series, x, y) {
        if (figures.add(series, x, y)) isNew = true;
        watcher.points(series, x, y);
      },
      view: (layer) => watcher.view(layer),
    },
    recall: () => figures.tell(watcher),
    close: () => {
      clearInterval(timer);
      save();
      return saving;
    },
  };
}

async function forgetOldest(records: RecordStore): Promise<void> {
  const all = await records.list();
  for (const { key } of all.slice(0, Math.max(0, all.length - MAX_STAGES))) await records.delete(key);
}

function areNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}
