/** What a file is worth, measured on the file alone. */
import { decodeArtifact } from '@espalier/encoding';
import { parametersOf } from '@espalier/models';
import { readFileSync } from 'node:fs';
import { espalier, type EvalOutput } from './espalier';

export interface MeasuredLayer {
  readonly name: string;
  /** Not zero in the decoded file. */
  readonly kept: number;
  /** In the decoded file: less than in the dense network where units were removed. */
  readonly weights: number;
}

export interface MeasuredArtifact {
  readonly bytes: number;
  /** Weights that are not zero in the decoded file, biases not counted. */
  readonly kept: number;
  readonly layers: readonly MeasuredLayer[];
  /** Share of the test images that a fresh process, which has only the file, answers wrongly. */
  readonly error: number;
  readonly testImages: number;
}

export interface MeasureOptions {
  readonly threads?: number;
  /** As `espalier eval --data` takes it. Default MNIST. */
  readonly testData?: string;
}

export async function measureArtifact(
  file: string,
  { threads, testData }: MeasureOptions = {},
): Promise<MeasuredArtifact> {
  const limit = threads === undefined ? [] : ['--threads', String(threads)];
  const data = testData === undefined ? [] : ['--data', testData];
  const { error, count } = await espalier<EvalOutput>(['eval', file, ...data, ...limit]);
  const bytes = readFileSync(file);
  const layers = measureLayers(bytes);
  const kept = layers.reduce((sum, layer) => sum + layer.kept, 0);
  return { bytes: bytes.byteLength, kept, layers, error, testImages: count };
}

function measureLayers(bytes: Uint8Array): MeasuredLayer[] {
  const { network, tensors } = decodeArtifact(bytes);
  return parametersOf(network)
    .filter(({ prunable }) => prunable)
    .map(({ name, layer }) => {
      const data = tensors.get(name)?.data ?? [];
      let kept = 0;
      for (const value of data) if (value !== 0) kept++;
      return { name: layer, kept, weights: data.length };
    });
}
