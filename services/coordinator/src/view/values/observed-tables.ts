/** Tables that observers of plugins have told of a run: the latest of each title, of bounded size. Pure. */
import type { JsonValue } from '@espalier/base';
import type { ObservedTableView } from '@espalier/protocol';
import type { RunEventFields } from '../../run-events';
import { object } from './run-figures';

/** They come with every state of the run, which is sent up to ten times a second: at worst 640 KB. */
export const TABLE_LIMITS = { tables: 8, rows: 50, columns: 16, letters: 100 } as const;

/** With what was observed: a table takes the place of that of the same observer and title; of too many the oldest go. */
export function withTables(
  tables: readonly ObservedTableView[],
  { plugin, observer, observations }: RunEventFields['run.observed'],
  at: number,
): readonly ObservedTableView[] {
  let all = tables;
  for (const observation of observations) {
    const table = tableIn(observation, { plugin, observer, at });
    if (!table) continue;
    const isSame = (other: ObservedTableView): boolean =>
      other.plugin === plugin && other.observer === observer && other.title === table.title;
    all = [...all.filter((other) => !isSame(other)), table].slice(-TABLE_LIMITS.tables);
  }
  return all;
}

function tableIn(
  observation: JsonValue,
  from: Pick<ObservedTableView, 'plugin' | 'observer' | 'at'>,
): ObservedTableView | undefined {
  const { kind, title, columns, rows } = object(observation);
  if (kind !== 'table' || typeof title !== 'string' || !isList(columns) || !isList(rows)) return undefined;
  const cells = (row: readonly JsonValue[]): (string | number)[] =>
    row.slice(0, TABLE_LIMITS.columns).map(cell);
  return {
    ...from,
    title: title.slice(0, TABLE_LIMITS.letters),
    columns: cells(columns).map(String),
    rows: rows.slice(0, TABLE_LIMITS.rows).map((row) => cells(isList(row) ? row : [])),
    rowCount: rows.length,
  };
}

function cell(value: JsonValue): string | number {
  if (typeof value === 'number') return value;
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, TABLE_LIMITS.letters);
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
