/** Where a file's bytes go, from the encode stage's own account of its tensors. Pure. */
import type { JsonValue } from '@espalier/base';
import type { StageView } from '@espalier/protocol/view';
import { field, layerName, numberIn, textIn } from './run-figures';

export const BYTE_PARTS = ['index', 'values', 'codebook', 'other', 'header'] as const;
export type BytePart = (typeof BYTE_PARTS)[number];

export interface TensorBytes {
  readonly name: string;
  readonly coding: string;
  readonly bytes: number;
  /** 4 bytes an element; undefined where the number of elements is not known. */
  readonly denseBytes?: number;
  readonly parts: Readonly<Record<BytePart, number>>;
}

export interface FileBytes {
  readonly bytes: number;
  readonly tensors: readonly TensorBytes[];
  readonly parts: Readonly<Record<BytePart, number>>;
}

/** undefined until the file is encoded. */
export function fileBytes(stages: readonly StageView[]): FileBytes | undefined {
  const encode = stages.findLast(({ kind, state }) => kind === 'encode' && state === 'done');
  const bytes = numberIn(encode?.metrics, 'bytes');
  const listed = field(encode?.metrics, 'tensors');
  if (bytes === undefined || !Array.isArray(listed)) return undefined;
  const weights = new Map(
    stages.flatMap(({ layers = [] }) => layers.map(({ name, weights: count }) => [name, count] as const)),
  );
  const tensors = listed.map((tensor: JsonValue) => tensorBytes(tensor, weights));
  const coded = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const total = (part: BytePart): number => tensors.reduce((sum, { parts }) => sum + parts[part], 0);
  return {
    bytes,
    tensors,
    parts: {
      index: total('index'),
      values: total('values'),
      codebook: total('codebook'),
      other: total('other'),
      // Checksums and lengths are no tensor's.
      header: bytes - coded,
    },
  };
}

/** Of a bias everything counts as `other`: it has no index, and its values share nothing. */
function tensorBytes(tensor: JsonValue, weights: ReadonlyMap<string, number>): TensorBytes {
  const name = textIn(tensor, 'name') ?? '';
  const bytes = numberIn(tensor, 'bytes') ?? 0;
  const part = (of: string): number => numberIn(field(tensor, 'breakdown'), of) ?? 0;
  // Stages name layers, files their tensors.
  const count = weights.get(name) ?? weights.get(layerName(name));
  const isKernel = count !== undefined;
  const [index, values, codebook] = isKernel ? [part('index'), part('values'), part('codebook')] : [0, 0, 0];
  return {
    name,
    coding: textIn(tensor, 'coding') ?? '',
    bytes,
    ...(isKernel ? { denseBytes: 4 * count } : {}),
    parts: { index, values, codebook, other: bytes - index - values - codebook, header: 0 },
  };
}
