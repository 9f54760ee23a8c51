/**
 * The series of the coordinator's runs: what services tell is written first and shown then. A run's series are read from its log when
 * somebody looks or tells, and let go when many others were looked at since.
 */
import { errorMessage, type Logger } from '@espalier/base';
import type { Message } from '@espalier/protocol';
import type { Digest } from '@espalier/tensor';
import { join } from 'node:path';
import type { SeriesPoints } from './observed-points';
import { RunSeries } from './run-series';
import { SeriesLog } from './series-log';

export const SERIES_FILE = 'series.log';

/** Runs whose series are held at most: 32 MiB each, if they are full. */
const MAX_HELD = 6;

export interface SeriesBookParts {
  readonly dir: string;
  /** Keys of the stages that are now of the run, in their order: finished ones and the one in work. */
  stageKeys(run: string): readonly Digest[];
  /** What observers have told of the run, by its log: that is where it is written. */
  observed(run: string): Promise<readonly SeriesPoints[]>;
  /** Is somebody watching it, or is it going on? Then it is not let go. */
  isNeeded(run: string): boolean;
  /** The series of a run have changed. */
  changed(run: string): void;
  readonly logger: Logger;
}

interface Held {
  series: RunSeries;
  readonly log: SeriesLog;
  /** One after the other: appending, reading again. */
  work: Promise<void>;
}

export class SeriesBook {
  private readonly parts: SeriesBookParts;
  /** The longest unused first. */
  private readonly held = new Map<string, Promise<Held>>();
  /** Of those whose series are read. */
  private readonly ready = new Map<string, Held>();

  /** Whose logs are of another format, or damaged: their runs are shown without. */
  private readonly unreadable = new Map<string, RunSeries>();

  constructor(parts: SeriesBookParts) {
    this.parts = parts;
  }

  /** The series of a run, or undefined while they are being read; then `changed` is called. None, where they cannot be read. */
  get(run: string): RunSeries | undefined {
    const known = this.ready.get(run)?.series ?? this.unreadable.get(run);
    if (known) return known;
    this.hold(run).then(
      () => this.parts.changed(run),
      (error: unknown) => {
        this.parts.logger.warn('the series of a run cannot be read', { run, problem: errorMessage(error) });
        this.unreadable.set(run, new RunSeries());
        this.parts.changed(run);
      },
    );
    return undefined;
  }

  /** Settles when it is written. Values of a stage that is not of the run are dropped. */
  async append(run: string, points: Message<'points'>): Promise<void> {
    if (!this.parts.stageKeys(run).includes(points.body.key)) return;
    const held = await this.hold(run);
    await this.inTurn(held, async () => {
      await held.log.append(points);
      if (!held.series.append(points.body)) await this.readAgain(run, held);
      this.parts.changed(run);
    });
  }

  /** Adds what an observer told, and the log has, where the run's series are held; where not, it is read with them. */
  async observed(run: string, points: SeriesPoints): Promise<void> {
    const held = await this.held.get(run);
    if (!held) return;
    await this.inTurn(held, async () => {
      held.series.observe(points);
      this.parts.changed(run);
    });
  }

  /** The run's stages are others than before: it was undone, or a stage has come back from the cache. */
  async stagesChanged(run: string, isUndone: boolean): Promise<void> {
    const held = await this.held.get(run);
    if (!held) return;
    await this.inTurn(held, async () => {
      const keys = this.parts.stageKeys(run);
      held.series.keep(new Set(keys));
      const lacksStage = keys.some((key) => held.log.has(key) && !held.series.has(key));
      if (lacksStage || (isUndone && held.series.hasObserved)) await this.readAgain(run, held);
      this.parts.changed(run);
    });
  }

  async close(): Promise<void> {
    for (const held of this.held.values()) {
      const { log, work } = await held;
      await work;
      await log.close();
    }
    this.held.clear();
    this.ready.clear();
  }

  private hold(run: string): Promise<Held> {
    const known = this.held.get(run);
    // To the end of the map: the latest used.
    this.held.delete(run);
    const held = known ?? this.open(run);
    this.held.set(run, held);
    if (!known) {
      held.catch(() => this.held.delete(run));
      this.letGo();
    }
    return held;
  }

  private async open(run: string): Promise<Held> {
    const log = await SeriesLog.open(join(this.parts.dir, run, SERIES_FILE));
    const held: Held = { series: new RunSeries(), log, work: Promise.resolve() };
    await this.readAgain(run, held);
    this.ready.set(run, held);
    return held;
  }

  private async readAgain(run: string, held: Held): Promise<void> {
    const series = new RunSeries(held.series);
    for (const key of this.parts.stageKeys(run)) {
      for await (const { body } of held.log.read(key)) series.append(body);
    }
    for (const points of await this.parts.observed(run)) series.observe(points);
    held.series = series;
  }

  private letGo(): void {
    for (const [run, opening] of this.held) {
      if (this.held.size <= MAX_HELD) return;
      if (this.parts.isNeeded(run) || !this.ready.has(run)) continue;
      this.held.delete(run);
      this.ready.delete(run);
      void opening.then(async ({ work, log }) => {
        await work;
        await log.close();
      });
    }
  }

  /** One change of a run's series after the other; a failure is the caller's alone. */
  private inTurn(held: Held, change: () => Promise<void>): Promise<void> {
    const done = held.work.then(change);
    held.work = done.catch(() => undefined);
    return done;
  }
}
