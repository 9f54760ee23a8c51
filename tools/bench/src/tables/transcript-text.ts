/** A run's output as a picture in the README: as it was, without what comes behind the table of layers. */
import type { TranscriptResults } from '../transcript';

const TABLES_SHOWN = 2;

/** The lines up to and with the second table. */
export function transcriptLines(said: string): string[] {
  const lines: string[] = [];
  let tables = 0;
  for (const line of said.trimEnd().split('\n')) {
    // The link is of this run alone, and its token nobody's business.
    if (line.startsWith('dashboard: ')) continue;
    const isTable = line.startsWith('|');
    if (isTable && !lines.at(-1)?.startsWith('|')) tables++;
    if (tables > TABLES_SHOWN) break;
    if (tables === TABLES_SHOWN && !isTable && lines.at(-1)?.startsWith('|')) break;
    lines.push(line.trimEnd());
  }
  return lines;
}

export function transcriptText({ recipe, lines, circumstances }: TranscriptResults): string {
  const { machine, date } = circumstances;
  return [
    '```text',
    `$ npm start -- ${recipe}`,
    ...lines,
    '```',
    '',
    `${machine.cpu}, ${machine.cores} cores; by \`${circumstances.command}\`, ${date}. What follows the table of layers is left out.`,
  ].join('\n');
}
