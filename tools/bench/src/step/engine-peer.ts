/** The engine in a process of its own: `engine-peer FOLDER THREADS auto|compiled|eager`. */
import { loadEngine, openSession, type SessionOptions } from '@espalier/engine';
import { Mask, float32, type Snapshot, type Tensor } from '@espalier/tensor';
import type { JsonValue } from '@espalier/base';
import { join } from 'node:path';
import { answerQuestions } from './answer';
import {
  SEED,
  readBytes,
  readDescription,
  readFloats,
  readSamples,
  type CaseDescription,
} from './case-files';

type Executor = NonNullable<SessionOptions['executor']>;

async function main(folder: string, threads: number, executor: Executor): Promise<void> {
  const { version } = await loadEngine({ force: 'native', threads });
  const item = readDescription(folder);
  const session = await openSession({
    network: item.network,
    initial: readSnapshot(folder, item),
    seed: SEED,
    optimizer: { kind: 'sgd', momentum: item.momentum },
    learningRate: { kind: 'constant', base: item.learningRate },
    batchSize: item.batch,
    data: { train: readSamples(folder, item) },
    executor,
  });
  await answerQuestions(`TensorFlow ${version}`, async () => {
    const { meanLoss } = await session.train({ untilStep: session.step + 1 });
    return meanLoss;
  });
}

function readSnapshot(folder: string, { network, tensors }: CaseDescription): Snapshot {
  const read = new Map<string, Tensor>();
  for (const { name, shape, file, mask } of tensors) {
    read.set(name, float32(shape, readFloats(join(folder, file))));
    if (mask) read.set(`${name}:mask`, Mask.fromFlags(shape, readBytes(join(folder, mask))).toTensor());
  }
  return { network: network as unknown as JsonValue, tensors: read, info: {} };
}

void main(process.argv[2], Number(process.argv[3]), process.argv[4] as Executor);
