/** docs/errors.md and the error tables say the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_ADVICE, codesOnPage, collectErrorTables, errorsPage, repeatedCodes } from '@espalier/docs';

const ROOT = join(__dirname, '../..');

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the tables are found, not known
const sources = collectErrorTables(ROOT, (file) => require(file) as Record<string, unknown>);
const inTables = sources.flatMap(({ table }) => Object.keys(table));
const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');

describe('docs/errors.md', () => {
  it('lists every code of every table', () => {
    const onPage = new Set(codesOnPage(page));
    expect(inTables.filter((code) => !onPage.has(code))).toEqual([]);
  });

  it('lists no code that is in no table', () => {
    expect(codesOnPage(page).filter((code) => !inTables.includes(code))).toEqual([]);
  });

  it('is what `npm run docs:errors` writes', () => {
    expect(page).toBe(errorsPage(sources));
  });
});

describe('the error tables', () => {
  it('are found in libs, services and tools', () => {
    const projects = sources.map(({ project }) => project);
    expect(projects).toEqual(expect.arrayContaining(['libs/tensor', 'services/coordinator', 'tools/cli']));
  });

  it('never use a code twice', () => {
    expect(repeatedCodes(sources)).toEqual([]);
  });

  it('have codes of the form AREA_PROBLEM', () => {
    expect(inTables.filter((code) => !/^[A-Z]+(_[A-Z0-9]+)+$/.test(code))).toEqual([]);
  });

  it('have every code that an advice is given for', () => {
    expect(Object.keys(ERROR_ADVICE).filter((code) => !inTables.includes(code))).toEqual([]);
  });
});
