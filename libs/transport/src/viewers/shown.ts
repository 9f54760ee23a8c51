/** What a viewer has been shown so far, put together as a page does it. */
import { viewBuckets, type Topic, type ViewDataMessage } from '@espalier/protocol';
import { dialView, type View } from './dial-view';

/** Buckets of a series: x, min, max, last. */
export type Rows = readonly Row[];
type Row = readonly [number, number, number, number];

export class Shown {
  readonly states = new Map<string, unknown>();
  readonly series: ReadonlyMap<string, Rows>;
  readonly refused = new Map<string, string>();
  /** Of the coordinator's process, at each connection. */
  readonly sessions: string[] = [];
  messages = 0;
  bytes = 0;
  /** Series that came whole. */
  resets = 0;
  private readonly rows = new Map<string, Row[]>();
  private waiting: (() => void)[] = [];

  constructor() {
    this.series = this.rows;
  }

  take({ header, bytes }: ViewDataMessage): void {
    this.messages++;
    this.bytes += bytes.byteLength;
    if (header.kind === 'view.state') {
      this.states.set(header.topic, JSON.parse(new TextDecoder().decode(bytes)));
    } else if (header.kind === 'view.refused') {
      this.refused.set(header.topic, header.code);
    } else {
      const columns = viewBuckets(header, bytes);
      header.parts.forEach(({ name, reset, from, total }, i) => {
        const { x, min, max, last } = columns[i];
        const rows = this.rowsOf(name);
        rows.length = Math.min(rows.length, reset ? 0 : from);
        for (let j = 0; j < x.length; j++) rows.push([x[j], min[j], max[j], last[j]]);
        if (rows.length !== total) throw new Error(`"${name}" has ${rows.length} buckets, not ${total}`);
        if (reset) this.resets++;
      });
    }
    const waiting = this.waiting;
    this.waiting = [];
    for (const wake of waiting) wake();
  }

  private rowsOf(name: string): Row[] {
    let rows = this.rows.get(name);
    if (!rows) this.rows.set(name, (rows = []));
    return rows;
  }

  /** Settles when `is` holds, looked at after each message. */
  async until(is: (shown: this) => boolean): Promise<void> {
    while (!is(this)) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

/** A viewer that watches these topics from the start. */
export async function watchTopics(
  { url, token }: { readonly url: string; readonly token: string },
  topics: readonly Topic[],
  shown: Shown = new Shown(),
): Promise<{ readonly view: View; readonly shown: Shown }> {
  const view = await dialView({
    url,
    token,
    onWelcome: ({ session }) => shown.sessions.push(session),
    onData: (data) => shown.take(data),
  });
  view.watch(topics);
  return { view, shown };
}
