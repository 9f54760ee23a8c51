/** What a page has been given of series, put together as docs/streaming-api.md says that a viewer does. */
import { decodeViewData, viewBuckets, type Buckets } from '@espalier/protocol/view';
import type { Page } from 'playwright-core';

export interface HeldSeries {
  readonly x: readonly number[];
  readonly last: readonly number[];
}

/** By the topic's key and the series' name: `series:RUN loss`. From now on, over all connections that the page makes. */
export function followSeries(page: Page): ReadonlyMap<string, HeldSeries> {
  const held = new Map<string, { x: number[]; last: number[] }>();
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload !== 'string') take(held, payload);
    }),
  );
  return held;
}

function take(held: Map<string, { x: number[]; last: number[] }>, payload: Buffer): void {
  let data: ReturnType<typeof decodeViewData>;
  try {
    data = decodeViewData(payload);
  } catch {
    // A control message.
    return;
  }
  const { header, bytes } = data;
  if (header.kind !== 'view.series') return;
  const buckets: readonly Buckets[] = viewBuckets(header, bytes);
  header.parts.forEach(({ name, from }, i) => {
    const key = `${header.topic} ${name}`;
    const series = held.get(key) ?? { x: [], last: [] };
    series.x.splice(from, Infinity, ...buckets[i].x);
    series.last.splice(from, Infinity, ...buckets[i].last);
    held.set(key, series);
  });
}

export interface KeptSteps {
  /** Steps that were told, from 1. */
  readonly told: number;
  /** Of them: not there, or with another value. */
  readonly missing: number;
  /** There more than once. */
  readonly double: number;
}

/** @param told the value of each step, from step 1 */
export function keptSteps({ x, last }: HeldSeries, told: readonly number[]): KeptSteps {
  const times = new Map<number, number>();
  const right = new Set<number>();
  x.forEach((step, i) => {
    if (Number.isNaN(last[i])) return;
    times.set(step, (times.get(step) ?? 0) + 1);
    if (last[i] === told[step - 1]) right.add(step);
  });
  return {
    told: told.length,
    missing: told.length - right.size,
    double: [...times.values()].filter((count) => count > 1).length,
  };
}
