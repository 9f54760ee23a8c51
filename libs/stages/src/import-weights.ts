/** Somebody's trained weights (safetensors) as tensors of a network of ours: names mapped, shapes checked. */
import type { JsonValue } from '@espalier/base';
import { indexSafetensors, safetensorsHeadBytes } from '@espalier/encoding';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import type { BlobStore } from '@espalier/store';
import { sameShape, type Digest, type Snapshot, type Tensor } from '@espalier/tensor';
import { stagesError } from './errors';

export interface GivenWeights {
  readonly store: BlobStore;
  /** The file, a blob of the store. */
  readonly file: Digest;
  /** Ours to theirs; what is not named is looked up under our own name. */
  readonly names: Readonly<Record<string, string>>;
}

/** All of them. Throws STAGE_INIT_*, SAFETENSORS_*. */
export async function importWeights(network: NetworkSpec, given: GivenWeights): Promise<Snapshot> {
  const tensors = new Map<string, Tensor>();
  for await (const [name, tensor] of readWeights(network, given)) tensors.set(name, tensor);
  return { network: network as unknown as JsonValue, tensors, info: {} };
}

/** One by one, each read when it is its turn; all are looked for before. Throws STAGE_INIT_*, SAFETENSORS_*. */
export async function* readWeights(
  network: NetworkSpec,
  { store, file, names }: GivenWeights,
): AsyncGenerator<readonly [name: string, tensor: Tensor]> {
  const handle = await store.openBlob(file);
  const read = async (begin: number, end: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(Math.max(0, end - begin));
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, at, bytes.length - at, begin + at);
      if (bytesRead === 0) return bytes.subarray(0, at);
      at += bytesRead;
    }
    return bytes;
  };
  try {
    const { size } = await handle.stat();
    const headBytes = safetensorsHeadBytes(await read(0, Math.min(8, size)));
    const present = indexSafetensors(await read(0, Math.min(headBytes, size)), size).tensors;
    const found = parametersOf(network).map(({ name: parameter, shape }) => {
      const name = names[parameter] ?? parameter;
      const entry = present.get(name);
      if (!entry) {
        const known = [...present.keys()].join(', ');
        throw stagesError('STAGE_INIT_MISSING', { source: 'init.from', name, parameter, present: known });
      }
      if (!sameShape(entry.shape, shape)) {
        const actual = JSON.stringify(entry.shape);
        throw stagesError('STAGE_INIT_SHAPE', { name, actual, parameter, expected: JSON.stringify(shape) });
      }
      return { parameter, entry };
    });
    for (const { parameter, entry } of found) {
      yield [parameter, entry.decode(await read(entry.begin, entry.end))];
    }
  } finally {
    await handle.close();
  }
}
