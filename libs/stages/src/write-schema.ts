/** `npm run schema -w @espalier/stages` writes docs/report.schema.json; a test checks that it is up to date. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportJsonSchema } from './report-schema';

const file = join(__dirname, '..', '..', '..', 'docs', 'report.schema.json');
writeFileSync(file, `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
