/**
 * What stages show, on its way to the hub: figures at most every 20 ms and pictures of layers, each said again until it is
 * acknowledged. The hub may be away as long as it likes; of figures windows remain then, of pictures the latest of each layer.
 */
import type { LayerView, MessageBody } from '@espalier/protocol';
import type { Digest } from '@espalier/tensor';
import { conflate, type Conflater, type ConflaterTimers } from '../conflate';
import { WaitingPoints, type WaitingLimits } from './waiting-points';

/** What a stage tells about itself while it runs; its result does not depend on it. */
export interface RunnerWatcher {
  /** Figures by step of the stage: `x` are whole numbers, ever greater within a series. The arrays stay the caller's. */
  points(series: string, x: ArrayLike<number>, y: ArrayLike<number>): void;
  /** How a layer looks now; it replaces what was said of that layer before. */
  view(layer: LayerView): void;
}

export interface ShowDeskOptions extends ConflaterTimers {
  /** Settles when the hub has it, or will never want it; never rejects. */
  deliver<Kind extends 'points' | 'layer.view'>(
    kind: Kind,
    body: MessageBody<Kind>,
    run: string,
  ): Promise<void>;
  readonly intervalMs?: number;
  readonly limits?: WaitingLimits;
}

/** Which stage of which run. */
export interface ShownStage {
  readonly run: string;
  readonly key: Digest;
}

export interface ShowDesk {
  watch(stage: ShownStage): RunnerWatcher;
  /** Settles when nothing waits any more. */
  settled(): Promise<void>;
}

/** No longer than a training's turns, in which it tells its steps: what a turn has told then leaves at once. */
const INTERVAL_MS = 20;
/** Pictures that wait, of some 40 KB at most; the oldest go when there are more. */
const MAX_VIEWS = 512;
/** Pictures on their way at once. */
const VIEWS_AT_ONCE = 8;

interface Show {
  readonly stage: ShownStage;
  readonly points: WaitingPoints;
  readonly views: Map<string, LayerView>;
  seq: number;
}

export function showDesk({
  deliver,
  intervalMs = INTERVAL_MS,
  limits,
  ...timers
}: ShowDeskOptions): ShowDesk {
  /** Those of which something waits. */
  const shows = new Set<Show>();
  let sending: Promise<void> | undefined;

  /** What waited when the turn began; more has come since when the hub is slow. */
  const sendPoints = async (show: Show): Promise<void> => {
    const { run, key } = show.stage;
    // One after the other: the hub takes a later step of a series to mean that it has those before.
    for (let left = show.points.size; left > 0;) {
      const series = show.points.take();
      left -= series.reduce((count, { x }) => count + x.length, 0);
      if (series.length === 0) return;
      await deliver('points', { key, seq: show.seq++, series }, run);
    }
  };
  const sendViews = async ({ stage: { run, key }, views }: Show): Promise<void> => {
    for (let left = views.size; left > 0; left -= VIEWS_AT_ONCE) {
      const some = [...views.values()].slice(0, VIEWS_AT_ONCE);
      for (const { name } of some) views.delete(name);
      await Promise.all(some.map((layer) => deliver('layer.view', { key, layer }, run)));
    }
  };
  const sendAll = async (): Promise<void> => {
    // What is told in the same turn of the event loop goes along.
    await Promise.resolve();
    for (const show of [...shows]) {
      await sendPoints(show);
      await sendViews(show);
      if (show.points.size === 0 && show.views.size === 0) shows.delete(show);
    }
  };
  const send = (): void => {
    sending ??= sendAll().finally(() => {
      sending = undefined;
      if (shows.size > 0) turn.push();
    });
  };
  const turn: Conflater<void> = conflate(send, intervalMs, timers);
  const tell = (show: Show): void => {
    shows.add(show);
    if (!sending) turn.push();
  };

  return {
    watch(stage) {
      const show: Show = { stage, points: new WaitingPoints(limits), views: new Map(), seq: 0 };
      return {
        points(series, x, y) {
          show.points.add(series, x, y);
          tell(show);
        },
        view(layer) {
          show.views.delete(layer.name);
          show.views.set(layer.name, layer);
          const [oldest] = show.views.keys();
          if (show.views.size > MAX_VIEWS) show.views.delete(oldest);
          tell(show);
        },
      };
    },
    async settled() {
      while (shows.size > 0) {
        send();
        await sending;
      }
    },
  };
}
