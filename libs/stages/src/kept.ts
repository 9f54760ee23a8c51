import { isParameterName, type Snapshot } from '@espalier/tensor';

export interface LayerCount {
  /** Tensor name of the kernel. */
  readonly name: string;
  readonly weights: number;
  /** Weights that are not zero. */
  readonly kept: number;
}

/** How many weights of each kernel are not zero. */
export function keptCounts(snapshot: Snapshot): LayerCount[] {
  const counts: LayerCount[] = [];
  for (const [name, { data }] of snapshot.tensors) {
    if (!isParameterName(name) || !name.endsWith('/kernel')) continue;
    let kept = 0;
    for (const value of data) if (value !== 0) kept++;
    counts.push({ name, weights: data.length, kept });
  }
  return counts;
}
