/** Writes what a run tells as an event file into its own folder: `tensorboard --logdir runs`. */
import type { Observation, ObserverDefinition } from '@espalier/plugin-api';
import { Observable } from 'rxjs';
import { EventFile } from './event-file';
import { RunSummaries } from './run-summaries';

export const tensorboard: ObserverDefinition = {
  description: 'Writes loss, errors, kept shares, bytes and shared weights as a file that TensorBoard opens.',
  events: [
    'run.created',
    'stage.progress',
    'stage.layers',
    'stage.done',
    'stage.failed',
    'stage.interrupted',
  ],
  /** Backpressure: none is needed, an event is on disk before the next is taken. The table says where, when the run ends. */
  observe: (events$, { run, folder }) =>
    new Observable<Observation>((subscriber) => {
      const summaries = new RunSummaries();
      let file: EventFile | undefined;
      const subscription = events$.subscribe({
        next(event) {
          const summarised = summaries.of(event);
          file ??= new EventFile(folder, { run, startedAt: event.at });
          if (summarised) file.add(summarised);
        },
        error: (error) => subscriber.error(error),
        complete() {
          if (file) {
            const rows = [[file.path, file.records]];
            subscriber.next({ kind: 'table', title: 'TensorBoard', columns: ['file', 'records'], rows });
          }
          subscriber.complete();
        },
      });
      return () => {
        subscription.unsubscribe();
        file?.[Symbol.dispose]();
        file = undefined;
      };
    }),
};
