/** What `inspect` tells of a file. Pure. */
import type { DecodedArtifact } from '@espalier/encoding';
import { parametersOf } from '@espalier/models';
import { sizeOf, type Shape } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { bytes as bytesText, count, percent, plural, ratio, shape as shapeText } from './output/format';
import { fields, table } from './output/table';

export interface TensorReport {
  readonly name: string;
  readonly shape: Shape;
  readonly weights: number;
  readonly kept: number;
  readonly coding: string;
  /** Of a code; null where values are not shared. */
  readonly bits: number | null;
  readonly bytes: number;
}

export interface ArtifactReport {
  readonly version: number;
  readonly network: string;
  readonly input: readonly number[];
  readonly layers: number;
  readonly bytes: number;
  readonly headerBytes: number;
  /** Of the shrunk network, the one in the file: a report of a run counts the units that were taken out, too. */
  readonly denseBytes: number;
  readonly ratio: number;
  readonly sha256: string;
  /** Kernels only. */
  readonly weights: { readonly total: number; readonly kept: number };
  /** With biases and normalisation. */
  readonly parameters: { readonly total: number; readonly kept: number };
  readonly tensors: readonly TensorReport[];
}

export function artifactReport(
  file: Uint8Array,
  { version, network, summaries, headerBytes }: DecodedArtifact,
): ArtifactReport {
  const kernels = new Set(parametersOf(network).flatMap(({ name, prunable }) => (prunable ? [name] : [])));
  const tensors = summaries.map(({ name, shape, coding, bytes, levels, kept }) => ({
    name,
    shape,
    weights: sizeOf(shape),
    kept,
    coding,
    bits: levels > 0 ? Math.ceil(Math.log2(Math.max(2, levels))) : null,
    bytes,
  }));
  const sum = (of: readonly TensorReport[]): { total: number; kept: number } => ({
    total: of.reduce((total, { weights }) => total + weights, 0),
    kept: of.reduce((total, { kept }) => total + kept, 0),
  });
  const parameters = sum(tensors);
  const denseBytes = 4 * parameters.total;
  return {
    version,
    network: network.name,
    input: network.input,
    layers: network.layers.length,
    bytes: file.byteLength,
    headerBytes,
    denseBytes,
    ratio: denseBytes / file.byteLength,
    sha256: sha256(file),
    weights: sum(tensors.filter(({ name }) => kernels.has(name))),
    parameters,
    tensors,
  };
}

export function artifactText(report: ArtifactReport): string {
  const { weights, parameters } = report;
  const head = fields([
    ['format', `espalier ${report.version}, checksum ok`],
    ['network', `${report.network}: ${plural(report.layers, 'layer')}, input ${shapeText(report.input)}`],
    ['file', `${count(report.bytes)} bytes, of these ${count(report.headerBytes)} header and checksum`],
    [
      'dense',
      `${count(report.denseBytes)} bytes as float32, of the shrunk network: ${ratio(report.ratio)} larger`,
    ],
    [
      'weights',
      `${count(weights.kept)} of ${count(weights.total)} of the shrunk network kept, ${ratio(weights.total / weights.kept)} fewer`,
    ],
    ['sha256', report.sha256],
  ]);
  const total: TensorReport = {
    name: 'total',
    shape: [],
    weights: parameters.total,
    kept: parameters.kept,
    coding: '',
    bits: null,
    bytes: report.bytes,
  };
  const body = table<TensorReport>(
    [
      { title: 'tensor', cell: ({ name }) => name },
      { title: 'shape', cell: (row) => (row === total ? '' : shapeText(row.shape)) },
      { title: 'values', align: 'right', cell: (row) => count(row.weights) },
      { title: 'kept', align: 'right', cell: ({ kept }) => count(kept) },
      {
        title: 'share',
        align: 'right',
        cell: ({ kept, weights: all }) => percent(all === 0 ? 0 : kept / all),
      },
      { title: 'coding', cell: ({ coding }) => coding },
      { title: 'bits', align: 'right', cell: ({ bits }) => (bits === null ? '' : String(bits)) },
      { title: 'bytes', align: 'right', cell: ({ bytes }) => count(bytes) },
    ],
    report.tensors,
    { footer: total },
  );
  return `${head}\n\n${body}\n\nThe file is ${bytesText(report.bytes)}; its total has the header in it.`;
}
