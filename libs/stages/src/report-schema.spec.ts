import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportJsonSchema } from './report-schema';

describe('docs/report.schema.json', () => {
  it('is what the schema says today (npm run schema -w @espalier/stages writes it)', () => {
    const file = join(__dirname, '..', '..', '..', 'docs', 'report.schema.json');
    const written: unknown = JSON.parse(readFileSync(file, 'utf8'));
    expect(written).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
  });
});
