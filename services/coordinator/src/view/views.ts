/**
 * What is seen of the coordinator: takes in what services tell for viewers, follows what happens, and gives each viewer the latest state of
 * what it watches. Changes nothing of a run.
 */
import { errorMessage, type Clock, type JsonValue, type Logger } from '@espalier/base';
import {
  observedSeries,
  topicKey,
  type Message,
  type MessageBody,
  type StageViews,
  type Topic,
} from '@espalier/protocol';
import type { Digest } from '@espalier/tensor';
import type { Viewer } from '@espalier/transport';
import { isDeepStrictEqual } from 'node:util';
import type { Coordinator } from '../coordinator';
import { coordinatorError } from '../errors';
import type { RunState } from '../fold-run';
import type { OutgoingEvent } from '../outbox';
import type { RunBook } from '../run-book';
import type { RunEvent, RunEventFields } from '../run-events';
import type { RunPlanner } from '../run-planner';
import { isOpen } from '../steering';
import { Seats, systemTimers, type SeatTimers, type ViewerLine } from './seats';
import { observedPoints } from './series/observed-points';
import { SeriesBook } from './series/series-book';
import { SeriesFeed } from './series/series-feed';
import { StateTopic } from './state-topic';
import { StoryBook } from './story-book';
import { progressView } from './values/progress-view';
import { object, runLine } from './values/run-figures';
import { expectedCount, runView } from './values/run-view';
import { ServiceSigns, serviceViews } from './values/services-view';
import type { ViewShelf } from './view-shelf';

/** Runs in the list, newest first: what fits a message. */
const MAX_LINES = 1_000;

export interface ViewsParts {
  readonly dir: string;
  readonly book: RunBook;
  readonly planner: RunPlanner;
  readonly shelf: ViewShelf;
  /** Asked at each, since the two need each other. */
  coordinator(): Pick<Coordinator, 'services'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers?: SeatTimers;
}

type SeriesTopic = Extract<Topic, { kind: 'series' }>;

/** Events after which the run has other stages than before. */
const STAGE_CHANGES: readonly string[] = [
  'stage.started',
  'stage.done',
  'run.undone',
  'run.swapped',
] satisfies RunEvent['type'][];
/** Events that change neither a line of the list nor what a service does. */
const ONLY_OF_THE_RUN: readonly string[] = [
  'stage.layers',
  'stage.note',
  'stage.measured',
] satisfies RunEvent['type'][];

export class Views {
  private readonly parts: ViewsParts;
  private readonly seats: Seats;
  private readonly series: SeriesBook;
  private readonly stories: StoryBook;
  private readonly signs = new ServiceSigns();
  private readonly progress = new Map<string, JsonValue>();
  private readonly lines = new WeakMap<RunState, JsonValue>();
  private readonly topics = new Map<string, StateTopic>();
  /** How many of a run's stages have given values. */
  private readonly seenStages = new Map<string, number>();
  private readonly feeds = new Map<string, SeriesFeed>();
  /** Of each run, as the events so far have it. */
  private readonly recipes: Map<string, JsonValue>;

  constructor(parts: ViewsParts) {
    this.parts = parts;
    const { dir, book, clock, logger } = parts;
    this.recipes = new Map(book.list().map(({ id, recipe }) => [id, recipe]));
    this.seats = new Seats(
      {
        state: (topic) => this.stateTopic(topic),
        feed: (topic) => this.feed(topic),
        series: (run) => (this.runOf(run), this.series.get(run)),
      },
      parts.timers ?? systemTimers(clock),
    );
    this.series = new SeriesBook({
      dir,
      stageKeys: (run) => this.stageKeys(run),
      observed: async (run) => observedPoints(await book.events(run, 1)),
      isNeeded: (run) => {
        const state = book.get(run);
        return (
          (state !== undefined && isOpen(state)) ||
          this.seats.isWatched((topic) => 'run' in topic && topic.run === run)
        );
      },
      changed: (run) => this.seriesChanged(run),
      logger,
    });
    this.stories = new StoryBook({ book, changed: (run) => this.touch(`run:${run}`), logger });
  }

  /** Must be called in the turn in which the viewer comes. */
  add(viewer: Viewer): void {
    this.seats.add(viewer);
    void viewer.closed.then(() => this.tidy());
  }

  viewers(): readonly ViewerLine[] {
    return this.seats.list();
  }

  // ---- what happens ----

  /** An event on its way to the watchers: one of the log, or progress. */
  event(run: string, event: OutgoingEvent): void {
    const { type, fields, seq, at } = event;
    if (seq === undefined) {
      if (type !== 'stage.progress') return;
      this.progress.set(run, progressView(run, fields, at) as unknown as JsonValue);
      return this.touch(`progress:${run}`);
    }
    const logged = event as unknown as RunEvent;
    this.stories.add(run, logged);
    if (logged.type === 'run.observed') return this.observed(run, logged.fields);
    if (!this.parts.book.get(run)?.current && this.progress.delete(run)) this.touch(`progress:${run}`);
    if (STAGE_CHANGES.includes(type)) {
      this.series
        .stagesChanged(run, type === 'run.undone')
        .catch((error: unknown) =>
          this.parts.logger.warn('the series of a run cannot be read', { run, problem: String(error) }),
        );
    }
    this.touch(`run:${run}`);
    if (ONLY_OF_THE_RUN.includes(type)) return;
    if (this.hasOtherRecipe(run)) {
      this.tidyShelf().catch((error: unknown) =>
        this.parts.logger.warn('pictures that nobody needs cannot be removed', {
          run,
          problem: errorMessage(error),
        }),
      );
    }
    this.touch('runs');
    this.touch('services');
  }

  /** After an undo or a swap. The same recipe makes the same stages again, from the cache, which tells no pictures: they stay. */
  private hasOtherRecipe(run: string): boolean {
    const before = this.recipes.get(run);
    const recipe = this.parts.book.get(run)?.recipe;
    if (recipe === undefined || recipe === before) return false;
    this.recipes.set(run, recipe);
    return before !== undefined && !isDeepStrictEqual(before, recipe);
  }

  private observed(run: string, { plugin, observations }: RunEventFields['run.observed']): void {
    if (observations.some((each) => object(each)['kind'] === 'table')) this.touch(`run:${run}`);
    const series = observedSeries(plugin, observations);
    if (series.length === 0) return;
    this.series.observed(run, series).catch((error: unknown) => {
      const problem = errorMessage(error);
      this.parts.logger.warn('what an observer told is in the log, but no curve', { run, plugin, problem });
    });
  }

  /** Settles when they are written; what is of no run is dropped. */
  async points(points: Message<'points'>): Promise<void> {
    if (points.run === undefined || !this.parts.book.get(points.run)) return;
    await this.series.append(points.run, points);
  }

  /** Settles when it is written. */
  async layerView(run: string | undefined, { key, layer }: MessageBody<'layer.view'>): Promise<void> {
    if (run === undefined || !this.stageKeys(run).includes(key)) return;
    const { shelf, logger } = this.parts;
    await shelf.put(key, layer);
    this.touch(`run:${run}`);
    const shelfRun = { keys: () => this.stageKeys(run), latest: () => this.latestPictures() };
    const removed = await shelf.keepWithin(shelfRun, logger);
    if (removed.length === 0) return;
    for (const { id } of this.parts.book.list()) {
      if (this.stageKeys(id).some((each) => removed.includes(each))) this.touch(`run:${id}`);
    }
  }

  /** Of each run the last stage that has any: runs share stages. */
  private latestPictures(): ReadonlySet<Digest> {
    const { book, shelf } = this.parts;
    const latest = book.list().map(({ id }) => this.stageKeys(id).findLast((key) => shelf.version(key) > 0));
    return new Set(latest.filter((key) => key !== undefined));
  }

  /** A service says what it can do, at the beginning and when that changes. */
  announced(serviceId: string, peerId: string): void {
    this.signs.announced(serviceId, peerId, this.parts.clock.nowMs());
    this.touch('services');
  }

  /** A sign of life, and perhaps how it is. */
  heard(serviceId: string, state?: MessageBody<'service.state'>): void {
    this.signs.heard(serviceId, this.parts.clock.nowMs(), state);
    this.touch('services');
  }

  gone(peerId: string): void {
    this.signs.gone(peerId);
    this.touch('services');
  }

  // ---- what is asked for ----

  /** Pictures of a stage's layers; a stage without any has none. @throws COORDINATOR_NO_RUN */
  async stageViews(run: string, key: Digest): Promise<StageViews> {
    const { finished, current } = this.runOf(run);
    const title = finished.find((stage) => stage.key === key)?.title ?? current?.title ?? key;
    return { key, title, layers: (await this.parts.shelf.get(key)) ?? [] };
  }

  /** Removes pictures of stages that are of no run any more. */
  async tidyShelf(): Promise<void> {
    const { book, shelf, logger } = this.parts;
    const needed = new Set(book.list().flatMap(({ id }) => this.stageKeys(id)));
    await shelf.tidy((key) => needed.has(key), logger);
  }

  async close(): Promise<void> {
    this.seats.close();
    await this.series.close();
  }

  // ---- topics ----

  private stateTopic(topic: Topic): StateTopic {
    if ('run' in topic) this.runOf(topic.run);
    const key = topicKey(topic);
    let known = this.topics.get(key);
    if (!known) this.topics.set(key, (known = new StateTopic(key, () => this.valueOf(topic))));
    return known;
  }

  private valueOf(topic: Topic): JsonValue | undefined {
    switch (topic.kind) {
      case 'runs':
        return this.parts.book
          .list()
          .slice(-MAX_LINES)
          .reverse()
          .map((state) => this.line(state));
      case 'services': {
        const { book, coordinator } = this.parts;
        const titleOf = ({ run }: { run: string }): string | undefined => book.get(run)?.current?.title;
        return serviceViews(coordinator().services(), this.signs, titleOf) as unknown as JsonValue;
      }
      case 'run':
        return this.view(topic.run);
      case 'progress':
        return this.progress.get(topic.run) ?? null;
      case 'series':
        return undefined;
    }
  }

  private line(state: RunState): JsonValue {
    let line = this.lines.get(state);
    if (!line) {
      line = runLine(state, expectedCount(state, this.parts.planner)) as unknown as JsonValue;
      this.lines.set(state, line);
    }
    return line;
  }

  private view(run: string): JsonValue | undefined {
    const { planner, shelf } = this.parts;
    const story = this.stories.get(run);
    const series = this.series.get(run);
    if (!story || !series) return undefined;
    return runView(this.runOf(run), {
      planner,
      story,
      seriesStages: series.stages(),
      viewVersion: (key) => shelf.version(key),
    }) as unknown as JsonValue;
  }

  private feed(topic: SeriesTopic): SeriesFeed {
    const key = JSON.stringify(topic);
    let feed = this.feeds.get(key);
    if (!feed) this.feeds.set(key, (feed = new SeriesFeed(topic)));
    return feed;
  }

  private runOf(run: string): RunState {
    const state = this.parts.book.get(run);
    if (!state) throw coordinatorError('COORDINATOR_NO_RUN', { run });
    return state;
  }

  /** Finished stages, then the one in work or next: what was told of one that is interrupted still holds. */
  private stageKeys(run: string): readonly Digest[] {
    const { planner } = this.parts;
    const { finished, current, recipe } = this.runOf(run);
    const keys = finished.map(({ key }) => key);
    if (current) return [...keys, current.key];
    try {
      const step = planner.nextStage(recipe, finished);
      return step.step === 'stage' ? [...keys, planner.stageKey(step.spec)] : keys;
    } catch {
      // What is wrong stands in the run's failure.
      return keys;
    }
  }

  /** Values come up to fifty times a second; the run looks different only when those of another stage begin. */
  private seriesChanged(run: string): void {
    const stages = this.series.get(run)?.stages().length ?? 0;
    const isNew = this.seenStages.get(run) !== stages;
    this.seenStages.set(run, stages);
    if (isNew) this.touch(`run:${run}`);
    else this.seats.changed();
  }

  private touch(key: string): void {
    this.topics.get(key)?.touch();
    this.seats.changed();
  }

  /** Forgets what nobody watches any more. */
  private tidy(): void {
    const keys = new Set<string>();
    const params = new Set<string>();
    this.seats.isWatched((topic) => {
      keys.add(topicKey(topic));
      if (topic.kind === 'series') params.add(JSON.stringify(topic));
      return false;
    });
    for (const key of this.topics.keys()) if (!keys.has(key)) this.topics.delete(key);
    for (const key of this.feeds.keys()) if (!params.has(key)) this.feeds.delete(key);
    this.stories.keep((run) => keys.has(`run:${run}`));
  }
}
