/** Are the answers of libs/inference those of the engine, on all test images? */
import type { JsonValue } from '@espalier/base';
import { readMnist } from '@espalier/datasets';
import { predictSnapshot } from '@espalier/engine';
import type { Model, ModelSource } from '@espalier/inference';

export interface EngineAnswers {
  readonly compared: number;
  /** Images that are answered otherwise, by themselves or in a batch. */
  readonly differing: number;
  /** Between two logits, relative to the largest one. */
  readonly largestDifference: number;
}

/** On MNIST's test images: each by itself, and all in batches, as the model takes them. */
export async function compareWithEngine(source: ModelSource, model: Model): Promise<EngineAnswers> {
  const { network, tensors } = source;
  const samples = readMnist().test;
  const snapshot = { network: network as unknown as JsonValue, tensors, info: {} };
  const expected = await predictSnapshot({ network, snapshot, samples });
  const pixels = Float32Array.from(samples.images, (pixel) => pixel / 255);
  const size = pixels.length / samples.count;
  const classes = expected.length / samples.count;
  const batched = model.run(pixels, samples.count);
  const largest = expected.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  let differing = 0;
  let difference = 0;
  for (let i = 0; i < samples.count; i++) {
    const of = (logits: Float32Array): Float32Array => logits.subarray(i * classes, (i + 1) * classes);
    const right = of(expected);
    const own = [model.run(pixels.subarray(i * size, (i + 1) * size)), of(batched)];
    if (own.some((logits) => answerOf(logits) !== answerOf(right))) differing++;
    for (const logits of own) {
      logits.forEach((logit, c) => (difference = Math.max(difference, Math.abs(logit - right[c]))));
    }
  }
  return { compared: samples.count, differing, largestDifference: difference / (largest || 1) };
}

export function answerOf(logits: Float32Array): number {
  return logits.indexOf(Math.max(...logits));
}
