/** What `espalier bench FILE` says. Pure. */
import { bytes as bytesText, count, percent, ratio } from '../output/format';
import { table, type Column } from '../output/table';
import type { Comparison } from './measure';

export interface FileBenchRow {
  readonly runtime: string;
  readonly threads: number;
  /** Of the file, or of all parameters as float32. */
  readonly bytes: number;
  /** Share of wrong answers; null without a test set. */
  readonly error: number | null;
  /** Microseconds a call, by batch. */
  readonly us: Readonly<Record<string, number>>;
}

export interface FileBenchReport {
  readonly file: string;
  readonly network: string;
  readonly weights: number;
  readonly kept: number;
  /** In words. */
  readonly data: string;
  readonly batches: readonly number[];
  /** First what the file is for, then what it is put beside. */
  readonly rows: readonly FileBenchRow[];
  /** With the last row's answers, by batch. */
  readonly answers: Readonly<Record<string, Comparison>>;
  readonly machine: string;
}

export function fileBenchText(report: FileBenchReport): string {
  const { file, network, weights, kept, data, batches, rows } = report;
  const columns: readonly Column<FileBenchRow>[] = [
    { title: '', cell: ({ runtime }) => runtime },
    { title: 'threads', align: 'right', cell: ({ threads }) => String(threads) },
    { title: 'bytes', align: 'right', cell: ({ bytes }) => count(bytes) },
    { title: 'error', align: 'right', cell: ({ error }) => (error === null ? '-' : percent(error)) },
    ...batches.map((batch): Column<FileBenchRow> => ({
      title: `us, batch ${batch}`,
      align: 'right',
      cell: ({ us }) => microseconds(us[batch]),
    })),
  ];
  return [
    `${file}: ${network}, ${count(kept)} of ${count(weights)} weights kept (${percent(kept / weights, 1)})`,
    `${data}; ${report.machine}`,
    '',
    table(columns, rows),
    '',
    sizeLine(rows),
    ...batches.map((batch) => speedLine(batch, rows)),
    ...batches.map((batch) => answersLine(batch, report)),
    'The dense rows are the network of the file itself with every weight in memory, zeros too; units that were taken out stay out.',
  ].join('\n');
}

function sizeLine(rows: readonly FileBenchRow[]): string {
  const [own, dense] = [rows[0], rows[rows.length - 1]];
  return `size: ${bytesText(own.bytes)} for ${bytesText(dense.bytes)} as float32, ${ratio(dense.bytes / own.bytes)} smaller`;
}

function speedLine(batch: number, [own, ...others]: readonly FileBenchRow[]): string {
  const parts = others.map(({ runtime, us }) => {
    const times = us[batch] / own.us[batch];
    return times >= 1
      ? `${ratio(times)} faster than ${runtime}`
      : `${ratio(1 / times)} slower than ${runtime}`;
  });
  return `batch ${batch}: ${parts.join('; ')}`;
}

function answersLine(batch: number, { answers, rows }: FileBenchReport): string {
  const { compared, differing, largestDifference } = answers[batch];
  const last = rows[rows.length - 1].runtime;
  const same =
    differing === 0
      ? `the same as ${last} on all ${count(compared)} images`
      : `other than ${last} on ${count(differing)} of ${count(compared)} images`;
  return `answers, batch ${batch}: ${same}; logits differ by ${largestDifference.toExponential(1)} of the largest`;
}

function microseconds(us: number): string {
  return us < 100 ? us.toFixed(1) : count(us);
}
