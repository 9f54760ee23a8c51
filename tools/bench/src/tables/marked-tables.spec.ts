import { replaceTables } from './marked-tables';

const writers = { first: () => '| a |', second: () => '| b |' };

describe('replaceTables', () => {
  it('writes what is between the markers and leaves the rest', () => {
    const text = 'before\n<!-- table: first -->\nold\nolder\n<!-- /table -->\nafter\n';
    expect(replaceTables(text, writers, 'README.md')).toBe(
      'before\n<!-- table: first -->\n\n| a |\n\n<!-- /table -->\nafter\n',
    );
  });

  it('gives the same text when it runs again', () => {
    const text = '<!-- table: first -->\n<!-- /table -->\n<!-- table: second -->\n<!-- /table -->\n';
    const once = replaceTables(text, writers, 'README.md');
    expect(replaceTables(once, writers, 'README.md')).toBe(once);
  });

  it('refuses a table that nobody writes', () => {
    expect(() => replaceTables('<!-- table: third -->\n<!-- /table -->', writers, 'README.md')).toThrow(
      /^BENCH_TABLE: README.md has a marker for the table "third".*first, second/,
    );
  });

  it('refuses a table that is not closed, even when a later one is', () => {
    const text = '<!-- table: first -->\n<!-- table: second -->\n<!-- /table -->';
    expect(() => replaceTables(text, writers, 'README.md')).toThrow(/^BENCH_MARKER: .*"first"/);
  });
});
