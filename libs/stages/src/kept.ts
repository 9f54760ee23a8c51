import { isParameterName, type Snapshot, type TensorData } from '@espalier/tensor';

export interface LayerCount {
  /** Tensor name of the kernel. */
  readonly name: string;
  readonly weights: number;
  /** Weights that are not zero. */
  readonly kept: number;
}

/** How many weights of each kernel are not zero. */
export function keptCounts(snapshot: Snapshot): LayerCount[] {
  return [...snapshot.tensors]
    .filter(([name]) => isKernelName(name))
    .map(([name, { data }]) => ({ name, weights: data.length, kept: countKept(data) }));
}

export function isKernelName(name: string): boolean {
  return isParameterName(name) && name.endsWith('/kernel');
}

/** Elements that are not zero. */
export function countKept(data: TensorData): number {
  let kept = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) kept++;
  return kept;
}
