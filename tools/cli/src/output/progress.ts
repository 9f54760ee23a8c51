/**
 * Shows a run while it goes on: on a terminal one block that is redrawn, on a pipe a line at the end of each stage and
 * one every ten seconds. Slow terminals lose redraws, never stage ends.
 */
import type { Clock } from '@espalier/base';
import { updateView, type RunEvent, type RunView } from '../run-view';
import { doneLine, failedLine, noteLine, progressBlock, progressLine } from './progress-text';
import type { Terminal } from './terminal';

const REDRAW_MS = 200;
const LINE_MS = 10_000;

export interface Progress {
  event(event: RunEvent): void;
  /** Tells the watcher something in between. */
  note(text: string): void;
  /** Titles of the stages to come, once the recipe is known. */
  expect(titles: readonly string[]): void;
  view(): RunView;
  /** Takes the block away. */
  end(): void;
}

export interface ProgressOptions {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly start: RunView;
  /** Nothing but `note`. */
  readonly quiet?: boolean;
}

export function showProgress({ terminal, clock, start, quiet = false }: ProgressOptions): Progress {
  const live = terminal.live && !quiet;
  let view = start;
  let drawn = 0;
  let drawnAtMs = -Infinity;
  let lineAtMs = clock.monotonicMs();

  const erase = (): void => {
    if (drawn > 0) terminal.raw(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    // What is over needs no block.
    if (view.status !== 'running' && view.status !== 'waiting') return erase();
    drawnAtMs = clock.monotonicMs();
    const options = { nowMs: clock.nowMs(), columns: terminal.columns(), style: terminal.noteStyle };
    const lines = progressBlock(view, options);
    erase();
    terminal.raw(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const say = (text: string): void => {
    erase();
    terminal.note(text);
    lineAtMs = clock.monotonicMs();
  };

  return {
    event(event) {
      const before = view.done.length;
      view = updateView(view, event);
      if (quiet) return;
      if (view.done.length > before) say(doneLine(view.done[view.done.length - 1]));
      if (event.type === 'stage.failed') say(failedLine(event));
      if (event.type === 'stage.note') say(noteLine(event));
      const now = clock.monotonicMs();
      if (live) {
        if (now - drawnAtMs >= REDRAW_MS || event.type !== 'stage.progress') draw();
      } else if (event.type === 'stage.progress' && now - lineAtMs >= LINE_MS) {
        say(progressLine(view, clock.nowMs()));
      }
    },
    note(text) {
      say(text);
      if (live) draw();
    },
    expect(titles) {
      view = { ...view, expected: titles };
    },
    view: () => view,
    end: erase,
  };
}
