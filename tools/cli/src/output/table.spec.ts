import { fields, table } from './table';

describe('table', () => {
  const columns = [
    { title: 'layer', cell: (row: [string, number]) => row[0] },
    { title: 'kept', align: 'right' as const, cell: (row: [string, number]) => String(row[1]) },
  ];

  it('makes each column as wide as its widest cell and ends lines without spaces', () => {
    const rows: [string, number][] = [
      ['fc1', 4585],
      ['output', 7],
    ];
    expect(table(columns, rows)).toBe(
      ['layer   kept', '------  ----', 'fc1     4585', 'output     7'].join('\n'),
    );
  });

  it('puts the totals under a rule', () => {
    expect(
      table(columns, [['a', 1]], { footer: ['total', 1] })
        .split('\n')
        .slice(-2),
    ).toEqual(['-----  ----', 'total     1']);
  });

  it('aligns the values of named fields', () => {
    expect(
      fields([
        ['node', 'v20'],
        ['engine', 'native'],
      ]),
    ).toBe('node    v20\nengine  native');
  });
});
