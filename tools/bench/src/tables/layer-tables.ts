/** Layer by layer: tables 2 and 3 of HAN15, and tables 4 and 5 of DC16, beside ours. */
import { PUBLISHED, table, type Report } from '@espalier/stages';
import type { SeedsResults } from '../seed-results';
import { BENCHED, notMeasured, type AllResults } from './all-results';
import { integer, percent } from './cells';
import { PUBLISHED_CODING } from './published-coding';
import { summarise } from '../summary';

export type BenchedNetwork = (typeof BENCHED)[number]['network'];

/** HAN15 table 2 or 3: the share of each layer's weights that is kept. */
export function keptShareTable({ seeds }: AllResults, network: BenchedNetwork): string {
  const { ours, paper } = recipesOf(network);
  const [own, paperMode] = [seeds[ours], seeds[paper]];
  const any = paperMode ?? own;
  if (!any) return notMeasured(`seeds --recipe recipes/${paper}.yaml`);
  const { keptShare, totalKeptShare } = PUBLISHED[network].han15;
  const rows = any.seeds[0].report.layers.map(({ name, weights }) => [
    name,
    integer(weights),
    percent(keptShare[name], 0),
    shareOf(paperMode, name),
    shareOf(own, name),
  ]);
  rows.push([
    'total',
    integer(any.seeds[0].report.weights.total),
    percent(totalKeptShare, 0),
    shareOf(paperMode),
    shareOf(own),
  ]);
  return table(['layer', 'weights', 'HAN15', `\`${paper}\``, `\`${ours}\``], rows);
}

/** DC16 table 4 or 5, from the first seed of the paper's way: its coding and ours, for the same weights. */
export function layerBytesTable({ seeds }: AllResults, network: BenchedNetwork): string {
  const { ours, paper } = recipesOf(network);
  const [paperMode, own] = [seeds[paper], seeds[ours]];
  if (!paperMode) return notMeasured(`seeds --recipe recipes/${paper}.yaml`);
  const { report, seed } = paperMode.seeds[0];
  const coded = codingByLayer(report);
  const rows = report.layers.map(({ name, weights, bytes }) => {
    const published = PUBLISHED_CODING[network][name];
    const coding = coded.get(name);
    return [
      name,
      published ? bits(published) : '',
      coding ? bits(coding) : '',
      published ? percent(published.share) : '',
      coding ? percent(coding.share) : '',
      percent(bytes / (4 * weights)),
      integer(bytes),
      own ? integer(own.seeds[0].report.layers.find((layer) => layer.name === name)?.bytes ?? 0) : '',
    ];
  });
  const head = ['layer', 'DC16 bits', 'bits', 'DC16 size', "size by DC16's coding"];
  return [
    table([...head, 'size by ours', `bytes, \`${paper}\``, `bytes, \`${ours}\``], rows),
    '',
    `Bits: weight, after Huffman / index, after Huffman. Sizes against 4 bytes a weight; ours with the biases. Seed ${seed}.`,
  ].join('\n');
}

function recipesOf(network: BenchedNetwork): (typeof BENCHED)[number] {
  return BENCHED.find((entry) => entry.network === network) as (typeof BENCHED)[number];
}

/** Mean over the seeds; of all layers together without a name. */
function shareOf(results: SeedsResults | undefined, layer?: string): string {
  if (!results) return '';
  const shares = results.seeds.map(({ report, measured }) => {
    if (layer === undefined) return measured.kept / report.weights.total;
    const dense = report.layers.find(({ name }) => name === layer)?.weights ?? 1;
    return (measured.layers.find(({ name }) => name === layer)?.kept ?? 0) / dense;
  });
  return percent(summarise(shares).mean, 1);
}

interface Coding {
  readonly weightBits: number;
  readonly weightBitsHuffman: number;
  readonly indexBits: number;
  readonly indexBitsHuffman: number;
}

function codingByLayer(report: Report): Map<string, Coding & { readonly share: number }> {
  const coded = (report.paperCoding ?? []) as unknown as readonly (Coding & {
    readonly name: string;
    readonly share: number;
  })[];
  return new Map(coded.map((coding) => [coding.name.split('/')[0], coding]));
}

function bits({ weightBits, weightBitsHuffman, indexBits, indexBitsHuffman }: Coding): string {
  return `${weightBits}, ${weightBitsHuffman.toFixed(1)} / ${indexBits}, ${indexBitsHuffman.toFixed(1)}`;
}
