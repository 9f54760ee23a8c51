/** A case as files, so that every process starts from the same weights and sees the same batches. */
import { Random } from '@espalier/base';
import { epochOrder, type Samples } from '@espalier/datasets';
import { networkByName, parametersOf, type NetworkSpec } from '@espalier/models';
import { bytesOf, sizeOf, type Shape } from '@espalier/tensor';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepCase } from './cases';

/** Of batches and dropout. */
export const SEED = 1;
const MOMENTUM = 0.9;

export interface CaseDescription {
  readonly network: NetworkSpec;
  readonly batch: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly shape: Samples['shape'];
  readonly count: number;
  readonly tensors: readonly CaseTensor[];
}

export interface CaseTensor {
  readonly name: string;
  readonly shape: Shape;
  /** Little-endian float32; removed weights are 0. */
  readonly file: string;
  /** One byte a weight, 0 or 1; kernels only. */
  readonly mask?: string;
}

/** Writes `case.json` and what it names; tensor by tensor, so that large networks do not have to lie here whole. */
export function writeCaseFiles(folder: string, item: StepCase): void {
  mkdirSync(folder, { recursive: true });
  const network = networkByName(item.network);
  const { images, labels, shape, count } = item.samples();
  writeFileSync(join(folder, 'images.u8'), images);
  writeFileSync(join(folder, 'labels.u8'), labels);
  // The engine goes through the first epoch in this order; the others do so again and again.
  writeFileSync(join(folder, 'order.u32'), bytesOf(epochOrder(SEED, 0, count)));
  const tensors = parametersOf(network).map(({ name, layer, shape: own, role }, i): CaseTensor => {
    const random = new Random(SEED).fork(name);
    const size = sizeOf(own);
    const values = new Float32Array(size);
    const file = `${i}.f32`;
    if (role !== 'kernel') {
      writeFileSync(join(folder, file), bytesOf(values));
      return { name, shape: own, file };
    }
    // He's initialisation for as many inputs as a unit has left.
    const kept = item.keep[layer];
    const limit = Math.sqrt((6 * own[own.length - 1]) / (size * kept));
    const flags = new Uint8Array(size);
    for (let k = 0; k < size; k++) {
      flags[k] = random.uniform() < kept ? 1 : 0;
      if (flags[k] === 1) values[k] = limit * (2 * random.uniform() - 1);
    }
    const mask = `${i}.mask`;
    writeFileSync(join(folder, file), bytesOf(values));
    writeFileSync(join(folder, mask), flags);
    return { name, shape: own, file, mask };
  });
  const { batch, learningRate } = item;
  const description: CaseDescription = {
    network,
    batch,
    learningRate,
    momentum: MOMENTUM,
    shape,
    count,
    tensors,
  };
  writeFileSync(join(folder, 'case.json'), JSON.stringify(description));
}

export function readDescription(folder: string): CaseDescription {
  return JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as CaseDescription;
}

export function readSamples(folder: string, { shape, count }: CaseDescription): Samples {
  const [images, labels] = ['images.u8', 'labels.u8'].map((file) => readBytes(join(folder, file)));
  return { images, labels, shape, count };
}

export function readFloats(file: string): Float32Array {
  return new Float32Array(readBytes(file).buffer);
}

/** In memory of its own, which can be freed and looked at as other numbers. */
export function readBytes(file: string): Uint8Array {
  const read = readFileSync(file);
  return read.byteLength === read.buffer.byteLength ? new Uint8Array(read.buffer) : new Uint8Array(read);
}
