/**
 * The observers that a recipe names, while its run goes on. Each has a process of its own, those that come with this program too: nothing
 * that one does can hurt the run. Nobody waits for them but at the end, and then not for long.
 */
import { errorMessage, type JsonValue } from '@espalier/base';
import { splitReference, type Observation, type ObservedEvent } from '@espalier/plugin-api';
import { openPluginHost, type LoadedPlugin, type PluginHost } from '@espalier/plugin-host';
import { pluginNameOf, type Recipe, type Reference } from '@espalier/recipe';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { pluginFolder } from './plugin-places';
import type { RunEvent } from './run-view';

/** What an observer may take to finish once the run is over. */
const END_MS = 5_000;
/** Events that come while it is being started; of progress, which tells nothing that the next one does not tell, fewer. */
const MAX_WAITING = { lasting: 10_000, progress: 1_000 } as const;
/** What stands in a run's log of one observer: a point an epoch is hundreds. */
const MAX_OBSERVATIONS = 20_000;
/** One event of the log; less than a message of the hub may have. */
const MAX_BATCH = { count: 256, characters: 32_000 } as const;
const BATCH_PAUSE_MS = 1_000;

const PUBLISHED = 'run.observed';

export interface ObserversOptions {
  readonly run: string;
  /** The run's own; each observer writes into a folder of its own in there. */
  readonly folder: string;
  /** The recipe's, where its plugins are looked for. */
  readonly base: string;
  /** What the run's log had before, of a run that goes on. */
  readonly before: readonly ObservedEvent[];
  /** Puts an event `run.observed` into the run's log. */
  publish(fields: { readonly [key: string]: JsonValue }): Promise<void>;
  note(text: string): void;
}

export interface Observers extends AsyncDisposable {
  /** Returns at once, and never throws. */
  tell(event: RunEvent, seq?: number): void;
}

/** None where the recipe names none. Disposing of it lets them finish. */
export function startObservers(
  recipe: Pick<Recipe, 'observers' | 'plugins'>,
  options: ObserversOptions,
): Observers {
  const all = (recipe.observers ?? []).map((reference) => new RunObserver(reference, recipe, options));
  return {
    tell: ({ type, at, fields }, seq) => {
      // What observers say is not for observers.
      if (type === PUBLISHED) return;
      for (const each of all) each.tell({ type, at, fields, ...(seq !== undefined && { seq }) });
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(all.map((each) => each.end()))),
  };
}

class RunObserver {
  private readonly events$ = new Subject<ObservedEvent>();
  /** Until it listens. */
  private waiting: ObservedEvent[] | undefined;
  private ending = false;
  private readonly stop = new AbortController();
  private readonly observations: Observation[] = [];
  private observed = 0;
  private saidNonsense = false;
  private readonly done: Promise<void>;

  constructor(
    private readonly reference: Reference,
    private readonly recipe: Pick<Recipe, 'plugins'>,
    private readonly options: ObserversOptions,
  ) {
    this.waiting = options.before.filter(({ type }) => type !== PUBLISHED);
    this.done = this.work().catch((error: unknown) => {
      this.waiting = undefined;
      this.note(`failed, and the run goes on without it: ${errorMessage(error)}`);
    });
  }

  tell(event: ObservedEvent): void {
    if (this.waiting === undefined) return this.events$.next(event);
    const most = event.type === 'stage.progress' ? MAX_WAITING.progress : MAX_WAITING.lasting;
    if (this.waiting.length < most) this.waiting.push(event);
  }

  async end(): Promise<void> {
    this.ending = true;
    if (this.waiting === undefined) this.events$.complete();
    const late = new AbortController();
    await Promise.race([
      this.done,
      pause(END_MS, undefined, { signal: late.signal }).then(
        () => {
          this.note(`did not finish within ${END_MS / 1000} s of the run`);
          this.stop.abort();
          return this.done;
        },
        () => undefined,
      ),
    ]);
    late.abort();
  }

  private async work(): Promise<void> {
    const { plugin: key = '', name } = splitReference(this.reference.name);
    const entry = this.recipe.plugins?.[key];
    if (!entry) throw new Error(`the recipe has no plugin "${key}"`);
    const folder = join(
      this.options.folder,
      'observers',
      this.reference.name.replace(/^@/, '').replace(/[^\w.-]+/g, '-'),
    );
    mkdirSync(folder, { recursive: true });
    await using host: PluginHost = await openPluginHost({ allow: [pluginNameOf(key)] });
    const { version, digest } = entry;
    const plugin = await host.load({
      from: await pluginFolder(key, entry.from, this.options.base),
      expect: { name: pluginNameOf(key), ...(version && { version }), ...(digest && { digest }) },
      writable: [folder],
    });
    await this.watch(plugin, { name, folder });
  }

  private async watch(
    plugin: LoadedPlugin,
    { name, folder }: { readonly name: string; readonly folder: string },
  ): Promise<void> {
    const observer = plugin.observer(name, this.reference.options);
    const wanted$ = new Subject<ObservedEvent>();
    const wants = (type: string): boolean => observer.events === undefined || observer.events.includes(type);
    this.events$.subscribe({
      next: (event) => wants(event.type) && wanted$.next(event),
      complete: () => wanted$.complete(),
    });
    const finished = new AbortController();
    const published = this.publishUntil(finished.signal, { plugin: plugin.ref.name, observer: name });
    try {
      await new Promise<void>((resolve, reject) => {
        this.stop.signal.addEventListener('abort', () => reject(new Error('it was ended')));
        observer.observe(wanted$, { run: this.options.run, folder }).subscribe({
          next: (observation) => this.keep(observation),
          error: reject,
          complete: resolve,
        });
        const waiting = this.waiting ?? [];
        this.waiting = undefined;
        for (const event of waiting) this.events$.next(event);
        if (this.ending) this.events$.complete();
      });
    } finally {
      finished.abort();
      await published;
    }
  }

  private keep(observation: Observation): void {
    if (this.observed === MAX_OBSERVATIONS) return;
    this.observed++;
    if (!isObservation(observation)) {
      if (!this.saidNonsense) this.note('said what is neither a point nor a table; that is left out');
      this.saidNonsense = true;
      return;
    }
    this.observations.push(observation);
    if (this.observed === MAX_OBSERVATIONS)
      this.note(`has said ${MAX_OBSERVATIONS} things; no more of them go into the log`);
  }

  /** Never rejects: what cannot be written down is lost, and said. */
  private async publishUntil(
    signal: AbortSignal,
    by: { readonly plugin: string; readonly observer: string },
  ): Promise<void> {
    try {
      while (!signal.aborted) {
        await pause(BATCH_PAUSE_MS, undefined, { signal }).catch(() => undefined);
        for (let batch = this.takeBatch(); batch.length > 0; batch = this.takeBatch()) {
          await this.options.publish({ ...by, observations: batch });
        }
      }
    } catch (error) {
      this.note(`said what could not be written into the log: ${errorMessage(error)}`);
    }
  }

  private takeBatch(): JsonValue[] {
    const batch: JsonValue[] = [];
    let characters = 0;
    while (this.observations.length > 0 && batch.length < MAX_BATCH.count) {
      const size = JSON.stringify(this.observations[0]).length;
      if (batch.length > 0 && characters + size > MAX_BATCH.characters) break;
      const [observation] = this.observations.splice(0, 1);
      if (size > MAX_BATCH.characters) {
        this.note(`said something of ${size} characters, which is left out of the log`);
        continue;
      }
      batch.push(observation as unknown as JsonValue);
      characters += size;
    }
    return batch;
  }

  private note(text: string): void {
    this.options.note(`the observer "${this.reference.name}" ${text}`);
  }
}

/** It comes from somebody else's process: it may be anything. */
function isObservation(value: unknown): boolean {
  const { kind, series, x, y, title, columns, rows } = (value ?? {}) as Record<string, unknown>;
  if (kind === 'point') return typeof series === 'string' && Number.isFinite(x) && Number.isFinite(y);
  const isCell = (cell: unknown): boolean => typeof cell === 'string' || Number.isFinite(cell);
  const isRow = (row: unknown): boolean => Array.isArray(row) && row.every(isCell);
  return (
    kind === 'table' &&
    typeof title === 'string' &&
    isRow(columns) &&
    Array.isArray(rows) &&
    rows.every(isRow)
  );
}
