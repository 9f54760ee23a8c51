/** An event of a run's log in one short line, for people. Pure. */
import type { LogLine } from '@espalier/protocol';
import type { RunEvent } from '../../run-events';

const MAX_LETTERS = 300;

export function logLine(event: RunEvent): LogLine {
  const { seq, at, type } = event;
  return { seq, at, type, text: textOf(event).slice(0, MAX_LETTERS) };
}

function textOf(event: RunEvent): string {
  switch (event.type) {
    case 'run.created':
      return 'the run is created';
    case 'stage.started': {
      const { title, serviceId, attempt } = event.fields;
      return `${title} is with ${serviceId}${attempt > 1 ? `, try ${attempt}` : ''}`;
    }
    case 'stage.done': {
      const { title, seconds, cached } = event.fields;
      return cached ? `${title} is taken from the cache` : `${title} is done in ${seconds.toFixed(1)} s`;
    }
    case 'stage.failed': {
      const { title, message, again } = event.fields;
      return `${title} failed${again ? ', and is tried again' : ''}: ${message}`;
    }
    case 'stage.interrupted':
      return `${event.fields.title} is interrupted: ${event.fields.reason}`;
    case 'run.undone': {
      const { toRound, lost } = event.fields;
      const back = toRound === 0 ? 'before the first round' : `the end of round ${toRound}`;
      return lost ? `back to ${back}: what ${lost.title} starts from is lost` : `back to ${back}`;
    }
    case 'run.swapped': {
      const { round, fromStep, criterion } = event.fields;
      const { name } = criterion as { readonly name: string };
      return `${name} scores from round ${round} on${fromStep === undefined ? '' : `, step ${fromStep}`}`;
    }
    case 'run.paused':
      return event.fields.message === undefined ? 'paused' : `paused: ${event.fields.message}`;
    case 'run.failed':
      return `failed: ${event.fields.message}`;
    case 'stage.note':
      return noteText(event.fields);
    case 'run.observed': {
      const { plugin, observer, observations } = event.fields;
      return `${observer} of ${plugin} told ${observations.length} observations`;
    }
    case 'run.resumed':
      return 'goes on';
    case 'run.stopped':
      return 'stopped';
    case 'run.done':
      return 'done';
    case 'stage.layers':
      return 'kept weights by layer';
    case 'stage.measured':
      return 'a point of a sensitivity curve';
    case 'stage.progress':
      return '';
  }
}

function noteText(fields: { readonly [key: string]: unknown }): string {
  const said = fields['text'] ?? fields['message'] ?? fields['note'];
  if (typeof said === 'string') return said;
  const { key: _key, title, ...rest } = fields;
  return `${String(title ?? 'a stage')}: ${JSON.stringify(rest)}`;
}
