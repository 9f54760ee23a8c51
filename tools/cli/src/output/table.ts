/** Plain-text tables: columns as wide as their widest cell, two spaces apart. Pure. */

export interface Column<Row> {
  readonly title: string;
  /** Numbers read best right-aligned. Default: left. */
  readonly align?: 'left' | 'right';
  cell(row: Row): string;
}

export interface TableOptions<Row> {
  /** Stands under a rule at the end: the totals. */
  readonly footer?: Row;
}

/** The table's lines, without a line break at the end. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions<Row> = {},
): string {
  const head = columns.map((column) => column.title);
  const body = rows.map((row) => columns.map((column) => column.cell(row)));
  const footer = options.footer === undefined ? [] : [columns.map((c) => c.cell(options.footer as Row))];
  const widths = columns.map((_, i) =>
    Math.max(...[head, ...body, ...footer].map((cells) => cells[i].length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (columns[i].align === 'right' ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const end = footer.length === 0 ? [] : [rule, ...footer.map(line)];
  return [line(head), rule, ...body.map(line), ...end].join('\n');
}

/** `name   value` lines, the values in one column. */
export function fields(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join('\n');
}
