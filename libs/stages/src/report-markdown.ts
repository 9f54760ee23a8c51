/** `report.md`: a run's figures beside the paper's. Plain tables: they are read in a terminal, too. */
import { PUBLISHED } from './published';
import type { Report } from './report-schema';

export function reportMarkdown(report: Report): string {
  const parts = [
    `# ${report.recipe}: ${report.network}, seed ${report.seed}`,
    resultTable(report),
    layerTable(report),
    ...(report.rounds.length > 0 ? [roundTable(report)] : []),
    stageTable(report),
    `Engine: ${report.engine.backend}, TensorFlow ${report.engine.version}, ${report.engine.threads} threads. ` +
      'Errors on the test images; rows "kept" count weights that are not zero in the decoded file; the dense size is ' +
      '4 bytes a parameter, biases included. HAN15: arXiv 1506.02626; DC16: arXiv 1510.00149.',
  ];
  return parts.join('\n\n') + '\n';
}

function resultTable(report: Report): string {
  const published = PUBLISHED[report.network];
  const rows: Cell[][] = [
    [
      '**this run**',
      percent(report.dense.error),
      percent(report.artifact.error),
      `${integer(report.weights.kept)} of ${integer(report.weights.total)}`,
      times(report.weights.ratio),
      integer(report.artifact.bytes),
      times(report.artifact.ratio),
    ],
  ];
  if (published) {
    const { han15, dc16 } = published;
    rows.push(
      ['HAN15', percent(han15.denseError), percent(han15.error), '', `${han15.ratio}x`, '', ''],
      [
        'DC16',
        percent(han15.denseError),
        percent(dc16.error),
        '',
        `${han15.ratio}x`,
        integer(dc16.bytes),
        `${dc16.ratio}x`,
      ],
    );
  }
  return table(['', 'dense error', 'error', 'weights kept', 'fewer weights', 'file bytes', 'smaller'], rows);
}

function layerTable(report: Report): string {
  const published = PUBLISHED[report.network]?.han15;
  const rows: Cell[][] = report.layers.map((layer) => [
    layer.name,
    integer(layer.weights),
    integer(layer.kept),
    percent(layer.keptShare, 1),
    published?.keptShare[layer.name] === undefined ? '' : percent(published.keptShare[layer.name], 0),
    layer.threshold === null ? '' : layer.threshold.toPrecision(3),
    String(layer.bits),
    integer(layer.bytes),
  ]);
  const { total, kept } = report.weights;
  rows.push([
    'total',
    integer(total),
    integer(kept),
    percent(kept / total, 1),
    published ? percent(published.totalKeptShare, 0) : '',
    '',
    '',
    integer(report.artifact.bytes),
  ]);
  return table(['layer', 'weights', 'kept', 'share', 'HAN15', 'threshold', 'bits', 'bytes'], rows);
}

function roundTable(report: Report): string {
  const rows = report.rounds.map((round): Cell[] => [
    String(round.round),
    integer(round.kept),
    percent(round.keptShare, 2),
    round.heldOutError === null ? '' : percent(round.heldOutError),
    percent(round.testError),
    round.withinBudget ? (round.chosen ? 'chosen' : '') : 'over budget',
  ]);
  return table(['round', 'kept', 'share', 'held-out error', 'test error', ''], rows);
}

function stageTable(report: Report): string {
  const rows = report.stages.map((stage): Cell[] => [
    stage.stage,
    stage.cached ? 'cached' : stage.seconds.toFixed(1),
    integer(stage.wire?.dense ?? 0),
    integer(stage.wire?.masked ?? 0),
    integer(stage.wire?.had ?? 0),
  ]);
  return table(['stage', 'seconds', 'wire: dense bytes', 'masked bytes', 'had already'], rows);
}

type Cell = string;

/** A Markdown table whose columns are padded, so that it reads well unrendered. */
export function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const widths = head.map((cell, i) => Math.max(3, cell.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function percent(share: number, digits = 2): string {
  return `${(share * 100).toFixed(digits)} %`;
}

function integer(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function times(ratio: number): string {
  return `${ratio.toFixed(1)}x`;
}
