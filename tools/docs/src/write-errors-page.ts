#!/usr/bin/env node
/** Writes docs/errors.md: `npm run docs:errors`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectErrorTables } from './collect-error-tables';
import { errorsPage } from './errors-page';

const ROOT = join(__dirname, '../../..');

// The tables are found, not known: a service or tool is no package that could be imported.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- and so not imported by name
const load = (file: string): Record<string, unknown> => require(file) as Record<string, unknown>;

const sources = collectErrorTables(ROOT, load);
const file = join(ROOT, 'docs/errors.md');
writeFileSync(file, errorsPage(sources));
const codes = sources.reduce((sum, { table }) => sum + Object.keys(table).length, 0);
process.stdout.write(`${file}: ${codes} codes of ${sources.length} projects\n`);
