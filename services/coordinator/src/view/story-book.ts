/** The stories of runs that somebody watches: read from the log once, then added to as events come. */
import { errorMessage, type Logger } from '@espalier/base';
import type { RunBook } from '../run-book';
import type { RunEvent } from '../run-events';
import { addToStory, EMPTY_STORY, type RunStory } from './values/run-story';

export interface StoryBookParts {
  readonly book: Pick<RunBook, 'events'>;
  /** A story has been read. */
  changed(run: string): void;
  readonly logger: Logger;
}

interface Entry {
  story: RunStory;
  /** Events that came while the log was read; undefined afterwards. */
  early: RunEvent[] | undefined;
}

export class StoryBook {
  private readonly parts: StoryBookParts;
  private readonly entries = new Map<string, Entry>();

  constructor(parts: StoryBookParts) {
    this.parts = parts;
  }

  /** Undefined while it is being read; then `changed` is called. */
  get(run: string): RunStory | undefined {
    const entry = this.entries.get(run);
    if (!entry) void this.read(run);
    return entry?.early ? undefined : entry?.story;
  }

  add(run: string, event: RunEvent): void {
    const entry = this.entries.get(run);
    if (!entry) return;
    if (entry.early) entry.early.push(event);
    else entry.story = addToStory(entry.story, event);
  }

  /** Forgets those of other runs. */
  keep(isWatched: (run: string) => boolean): void {
    for (const run of this.entries.keys()) if (!isWatched(run)) this.entries.delete(run);
  }

  private async read(run: string): Promise<void> {
    const entry: Entry = { story: EMPTY_STORY, early: [] };
    this.entries.set(run, entry);
    try {
      const events = [...(await this.parts.book.events(run, 1)), ...(entry.early ?? [])];
      entry.story = events.reduce(addToStory, entry.story);
      entry.early = undefined;
      this.parts.changed(run);
    } catch (error) {
      this.entries.delete(run);
      this.parts.logger.warn('the log of a run cannot be read', { run, problem: errorMessage(error) });
    }
  }
}
