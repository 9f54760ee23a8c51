/** A terminal that keeps what is written to it, without colours. */
import { colours } from '../output/colours';
import type { Terminal } from '../output/terminal';

export interface FakeTerminal extends Terminal {
  /** What went to stdout and to stderr, a text each. */
  readonly outs: string[];
  readonly notes: string[];
  /** Raw characters: the live block. */
  readonly drawn: string[];
}

export function fakeTerminal({ live = false }: { readonly live?: boolean } = {}): FakeTerminal {
  const [outs, notes, drawn]: string[][] = [[], [], []];
  const style = colours(false);
  return {
    out: (text) => void outs.push(text),
    note: (text) => void notes.push(text),
    raw: (text) => void drawn.push(text),
    live,
    columns: () => 80,
    style,
    noteStyle: style,
    outs,
    notes,
    drawn,
  };
}
