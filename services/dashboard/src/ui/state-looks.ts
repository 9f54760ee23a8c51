/** How a state looks: by a sign and a word first, by colour last. */
import type { RunStatusName, StageStateName } from '@espalier/protocol/view';

export type StateName = RunStatusName | StageStateName;

interface Looks {
  readonly tone: 'busy' | 'good' | 'warn' | 'bad' | 'idle';
  readonly sign: string;
  readonly text: string;
}

const LOOKS: Readonly<Record<StateName, Looks>> = {
  queued: { tone: 'idle', sign: '○', text: 'queued' },
  waiting: { tone: 'idle', sign: '○', text: 'to come' },
  running: { tone: 'busy', sign: '▶', text: 'running' },
  paused: { tone: 'warn', sign: 'Ⅱ', text: 'paused' },
  interrupted: { tone: 'warn', sign: 'Ⅱ', text: 'interrupted' },
  stopped: { tone: 'idle', sign: '■', text: 'stopped' },
  done: { tone: 'good', sign: '✓', text: 'done' },
  failed: { tone: 'bad', sign: '✕', text: 'failed' },
};

export function looksOf(state: StateName): Looks {
  return LOOKS[state];
}
