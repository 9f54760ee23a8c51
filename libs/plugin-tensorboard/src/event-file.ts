/** An event file on disk. Records are small and few (one an epoch, or a stage), so each is written at once and in order. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32cTable } from './crc32c';
import { summaryEvent, versionEvent } from './event-message';
import { framed } from './record';
import type { Summarised } from './run-summaries';

export class EventFile implements Disposable {
  readonly path: string;
  records = 0;
  private readonly table = crc32cTable();
  private readonly descriptor: number;

  /** @param startedAt milliseconds; with the run it is the file's name, so that a replay replaces what it repeats */
  constructor(folder: string, { run, startedAt }: { readonly run: string; readonly startedAt: number }) {
    const seconds = Math.floor(startedAt / 1000);
    this.path = join(folder, `events.out.tfevents.${seconds}.${run}`);
    mkdirSync(folder, { recursive: true });
    this.descriptor = openSync(this.path, 'w');
    this.write(versionEvent(startedAt / 1000));
  }

  add({ moment, summaries }: Summarised): void {
    this.write(summaryEvent(moment, summaries));
    this.records++;
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }

  private write(message: Uint8Array): void {
    const record = framed(message, this.table);
    for (let at = 0; at < record.length;) at += writeSync(this.descriptor, record, at);
  }
}
