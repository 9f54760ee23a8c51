#!/usr/bin/env node
/** Times onnxruntime-node: `onnx-peer.ts MODULE FOLDER BATCH THREADS SECONDS` prints one line of JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { timeCalls } from './time-calls';

/** The part of onnxruntime-node that is used; it is no dependency, but lies where the bench has installed it. */
interface OnnxRuntime {
  readonly InferenceSession: {
    create(file: string, options: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => object;
}

interface OnnxSession {
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, object>>): Promise<Record<string, { readonly data: Float32Array }>>;
}

async function main(): Promise<void> {
  const [place, folder, batchText, threads, seconds] = process.argv.slice(2);
  const batch = Number(batchText);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- found at run time, not known to TypeScript
  const onnx = require(place) as OnnxRuntime;
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { version } = require(join(place, 'package.json')) as { version: string };
  const session = await onnx.InferenceSession.create(join(folder, 'model.onnx'), {
    intraOpNumThreads: Number(threads),
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  const { network, samples } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as {
    network: { input: number[] };
    samples: number;
  };
  const images = floats(join(folder, 'planes.f32'));
  const logits = floats(join(folder, 'logits.f32'));
  const { input } = network;
  const shape = [batch, ...(input.length === 3 ? [input[2], input[0], input[1]] : input)];
  const size = (images.length / samples) * batch;
  const feeds = Array.from({ length: Math.floor(samples / batch) }, (_, i) => ({
    input: new onnx.Tensor('float32', images.slice(i * size, (i + 1) * size), shape),
  }));
  const [output] = session.outputNames;
  const first = (await session.run(feeds[0]))[output].data;
  const largest = logits.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference =
    first.reduce((most, value, i) => Math.max(most, Math.abs(value - logits[i])), 0) / largest;
  const timed = await timeCalls((i) => session.run(feeds[i % feeds.length]), Number(seconds));
  process.stdout.write(`${JSON.stringify({ ...timed, difference, version })}\n`);
}

function floats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

void main();
