#!/usr/bin/env node
/** `espalier bench readme-tables`: writes the marked tables of README.md and docs/ from docs/results. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchMain, note, type BenchValues } from './bench-main';
import { benchError } from './errors';
import { ROOT } from './places';
import { filesWithTables } from './write-tables';

const USAGE = `espalier bench readme-tables [--check]
  --check   write nothing; exit code 1 when a table is not what docs/results says`;

function run(values: BenchValues): Promise<unknown> {
  const changed = filesWithTables(ROOT).filter(({ is, wanted }) => is !== wanted);
  const files = changed.map(({ file }) => file);
  if (values['check'] && files.length > 0) throw benchError('BENCH_DRIFT', { files: files.join(', ') });
  for (const { file, wanted } of changed) writeFileSync(join(ROOT, file), wanted);
  note(files.length === 0 ? 'all tables are up to date' : `written: ${files.join(', ')}`);
  return Promise.resolve({ written: files });
}

void benchMain({ usage: USAGE, options: { check: { type: 'boolean' } }, run });
