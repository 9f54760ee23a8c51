/** The tables of the Markdown files are those that the results give. */
import { join } from 'node:path';
import { filesWithTables } from '@espalier/bench';

describe('the tables of results', () => {
  it.each(filesWithTables(join(__dirname, '../..')))(
    'in $file are what docs/results says',
    ({ is, wanted }) => {
      expect(is).toBe(wanted);
    },
  );
});
