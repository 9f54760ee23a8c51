import type { JsonValue } from '@espalier/base';
import type { ObservedTableView } from '@espalier/protocol';
import { TABLE_LIMITS, withTables } from './observed-tables';

const told = (title: string, rows: JsonValue, observer = 'watch') => ({
  plugin: '@mine/p',
  observer,
  observations: [
    { kind: 'point', series: 's', x: 1, y: 2 },
    { kind: 'table', title, columns: ['layer', 'rank'], rows },
  ] as JsonValue[],
});

describe('tables of observers', () => {
  it('are the latest of each observer and title', () => {
    let tables: readonly ObservedTableView[] = [];
    tables = withTables(tables, told('ranks', [['fc1', 3]]), 10);
    tables = withTables(tables, told('others', []), 20);
    tables = withTables(tables, told('ranks', [['fc1', 2]]), 30);
    tables = withTables(tables, told('ranks', [['fc1', 9]], 'second'), 40);
    expect(tables.map(({ observer, title, rows, at }) => [observer, title, rows, at])).toEqual([
      ['watch', 'others', [], 20],
      ['watch', 'ranks', [['fc1', 2]], 30],
      ['second', 'ranks', [['fc1', 9]], 40],
    ]);
    expect(tables[1]).toMatchObject({ plugin: '@mine/p', columns: ['layer', 'rank'], rowCount: 1 });
  });

  it('are cut to a size, and say how many rows there were', () => {
    const wide = Array.from({ length: 99 }, (_, i) => i);
    const rows = Array.from({ length: 500 }, () => ['x'.repeat(5_000), ...wide]);
    const [table] = withTables([], told('big', rows), 1);
    expect([table.rows.length, table.rowCount]).toEqual([TABLE_LIMITS.rows, 500]);
    expect(table.rows[0]).toHaveLength(TABLE_LIMITS.columns);
    expect(table.rows[0][0]).toHaveLength(TABLE_LIMITS.letters);
    let many: readonly ObservedTableView[] = [];
    for (let i = 0; i < 20; i++) many = withTables(many, told(`t${i}`, []), i);
    expect(many.map(({ title }) => title)).toEqual(Array.from({ length: 8 }, (_, i) => `t${12 + i}`));
  });

  it('are nothing of what is no table', () => {
    const observations = [null, 3, { kind: 'table' }, { kind: 'table', title: 'a', columns: 'b', rows: [] }];
    expect(withTables([], { plugin: 'p', observer: 'o', observations }, 1)).toEqual([]);
    const odd = [{ kind: 'table', title: 'a', columns: ['b'], rows: [3, [null, true, { c: 1 }]] }];
    const [{ rows }] = withTables([], { plugin: 'p', observer: 'o', observations: odd }, 1);
    expect(rows).toEqual([[], ['null', 'true', '{"c":1}']]);
  });
});
