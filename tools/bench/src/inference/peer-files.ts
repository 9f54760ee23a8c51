/** A case as files, for peers in other processes: `case.json`, and little-endian float32 beside it. */
import type { Model } from '@espalier/inference';
import { tensorBytes } from '@espalier/tensor';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InferenceCase } from './cases';

/** @returns the folder */
export function writePeerFiles(
  folder: string,
  { name, source, images, samples }: InferenceCase,
  model: Model,
): string {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const tensors = [...source.tensors].map(([tensor, value], i) => {
    const file = `${i}.f32`;
    writeFileSync(join(own, file), tensorBytes(value));
    return { name: tensor, shape: value.shape, file };
  });
  const bytes = (values: Float32Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  writeFileSync(join(own, 'images.f32'), bytes(images));
  writeFileSync(join(own, 'logits.f32'), bytes(model.run(images, samples)));
  writeFileSync(join(own, 'case.json'), JSON.stringify({ network: source.network, tensors, samples }));
  return own;
}
