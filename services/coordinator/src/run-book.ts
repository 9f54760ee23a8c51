/**
 * The runs of this coordinator: a log each, and the state that the log folds to. The log is written (and on the disk)
 * before the state changes.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, type Logger } from '@espalier/base';
import { RunLog, type LogRecord } from '@espalier/store';
import { applyEvent, foldRun, type RunState } from './fold-run';
import type { RunEvent, RunEventInput } from './run-events';

export const LOG_FILE = 'events.jsonl';

export interface RunBook {
  /** Oldest first. */
  list(): readonly RunState[];
  get(run: string): RunState | undefined;
  /** Adds an event to a run; a run begins with its `run.created`. Settles when it is on the disk. */
  append(run: string, event: RunEventInput): Promise<RunEvent>;
  /** The events from number `fromSeq` on. */
  events(run: string, fromSeq: number): Promise<readonly RunEvent[]>;
  close(): Promise<void>;
}

interface Entry {
  readonly log: RunLog;
  state: RunState | undefined;
}

/** Opens the book of a folder: `<dir>/<run>/events.jsonl`. A log that cannot be read is left alone and said. */
export async function openRunBook(dir: string, logger: Logger): Promise<RunBook> {
  await mkdir(dir, { recursive: true });
  const entries = new Map<string, Entry>();
  for (const item of await readdir(dir, { withFileTypes: true })) {
    if (!item.isDirectory() || item.name.startsWith('.')) continue;
    const files = await readdir(join(dir, item.name));
    if (!files.includes(LOG_FILE)) continue;
    try {
      const entry = await openEntry(dir, item.name);
      if (entry.state) entries.set(item.name, entry);
      else await entry.log.close();
    } catch (error) {
      logger.warn('the log of a run cannot be read; the run is left out', {
        run: item.name,
        problem: errorMessage(error),
      });
    }
  }
  return new FileRunBook(dir, entries);
}

class FileRunBook implements RunBook {
  private readonly dir: string;
  private readonly entries: Map<string, Entry>;

  constructor(dir: string, entries: Map<string, Entry>) {
    this.dir = dir;
    this.entries = entries;
  }

  list(): readonly RunState[] {
    return [...this.entries.values()]
      .flatMap(({ state }) => (state ? [state] : []))
      .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  get(run: string): RunState | undefined {
    return this.entries.get(run)?.state;
  }

  async append(run: string, event: RunEventInput): Promise<RunEvent> {
    let entry = this.entries.get(run);
    if (!entry) this.entries.set(run, (entry = await openEntry(this.dir, run)));
    const logged = asEvent(await entry.log.append(event.type, event.fields as LogRecord['fields']));
    entry.state = applyEvent(run, entry.state, logged);
    return logged;
  }

  async events(run: string, fromSeq: number): Promise<readonly RunEvent[]> {
    const records = (await this.entries.get(run)?.log.read({ fromSeq })) ?? [];
    return records.map(asEvent);
  }

  async close(): Promise<void> {
    for (const { log } of this.entries.values()) await log.close();
  }
}

async function openEntry(dir: string, run: string): Promise<Entry> {
  const log = await RunLog.open(join(dir, run, LOG_FILE));
  return { log, state: foldRun(run, (await log.read()).map(asEvent)) };
}

/** The log's checksums vouch that a record is what this program wrote. */
function asEvent(record: LogRecord): RunEvent {
  return record as unknown as RunEvent;
}
