/** Tables inside a Markdown file, between `<!-- table: NAME -->` and `<!-- /table -->`. */
import { benchError } from '../errors';

const OPEN = /^<!-- table: ([\w-]+) -->$/;
const CLOSE = '<!-- /table -->';

/**
 * The text with every marked table written anew; all else stays as it is.
 * @throws BENCH_TABLE for a name without a writer, BENCH_MARKER for a table that is not closed
 */
export function replaceTables(
  text: string,
  writers: Readonly<Record<string, () => string>>,
  file: string,
): string {
  const lines = text.split('\n');
  const result: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    result.push(lines[i]);
    const name = OPEN.exec(lines[i])?.[1];
    if (name === undefined) continue;
    if (!Object.hasOwn(writers, name)) {
      const present = Object.keys(writers).join(', ');
      throw benchError('BENCH_TABLE', { file, name, present });
    }
    const end = lines.indexOf(CLOSE, i);
    const next = lines.findIndex((line, at) => at > i && OPEN.test(line));
    if (end < 0 || (next >= 0 && next < end))
      throw benchError('BENCH_MARKER', { file, name, expected: CLOSE });
    result.push('', writers[name](), '', CLOSE);
    i = end;
  }
  return result.join('\n');
}
