/** Where a command writes: results to `out` (stdout), everything else to `note` (stderr). */
import { colours, coloursWanted, type Colours } from './colours';

export interface Terminal {
  /** A result; with --json nothing else goes there. */
  out(text: string): void;
  /** A remark beside the result. */
  note(text: string): void;
  /** Characters as they are, to stderr: for the live block. */
  raw(text: string): void;
  /** Is stderr a terminal that can redraw? */
  readonly live: boolean;
  columns(): number;
  /** For `out`. */
  readonly style: Colours;
  /** For `note` and `raw`. */
  readonly noteStyle: Colours;
}

const DEFAULT_COLUMNS = 100;

export function systemTerminal(process: NodeJS.Process = globalThis.process): Terminal {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) {
    // `espalier runs | head`: the reader has gone, nobody is there to be told.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
  return {
    out: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    raw: (text) => void stderr.write(text),
    live: stderr.isTTY && env['TERM'] !== 'dumb',
    // Some terminals say 0.
    columns: () => (stderr.isTTY && stderr.columns > 0 ? stderr.columns : DEFAULT_COLUMNS),
    style: colours(coloursWanted(stdout.isTTY, env)),
    noteStyle: colours(coloursWanted(stderr.isTTY, env)),
  };
}

/** The result as JSON or as text. */
export function present(
  terminal: Terminal,
  json: boolean | undefined,
  result: unknown,
  text: () => string,
): void {
  terminal.out(json ? JSON.stringify(result, undefined, 2) : text());
}
