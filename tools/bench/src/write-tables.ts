/** The Markdown files that have tables of results, as they stand and as docs/results wants them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAllResults } from './tables/all-results';
import { replaceTables } from './tables/marked-tables';
import { tableWriters } from './tables/table-writers';

export const FILES_WITH_TABLES = ['README.md', 'docs/how-pruning-works.md'] as const;

export interface FileWithTables {
  readonly file: string;
  readonly is: string;
  readonly wanted: string;
}

export function filesWithTables(root: string): FileWithTables[] {
  const writers = tableWriters(readAllResults(join(root, 'docs/results')));
  return FILES_WITH_TABLES.map((file) => {
    const is = readFileSync(join(root, file), 'utf8');
    return { file, is, wanted: replaceTables(is, writers, file) };
  });
}
