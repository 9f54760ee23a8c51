/** What is transferred: a snapshot of float32 tensors without zeros, in a store's folder that every way's owner reads. */
import { BlobStore } from '@espalier/store';
import { float32, type Snapshot, type TensorEntry } from '@espalier/tensor';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** 64 MiB: a layer of 4,096 by 4,096, as in the middle of VGG-16's classifier. */
const TENSOR_ELEMENTS = 2 ** 24;
const PIECE_BYTES = 2 ** 20;

export interface Payload {
  /** The store's folder. */
  readonly folder: string;
  /** The snapshot's id. */
  readonly id: string;
  /** The tensors' files, in order. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** SHA-256 of all of them in a row, for ways that know of no tensors. */
  readonly sha256: string;
}

export async function makePayload(folder: string, bytes: number): Promise<Payload> {
  const store = await BlobStore.open(folder);
  const hash = createHash('sha256');
  const entries: TensorEntry[] = [];
  for (let first = 0, i = 0; first < bytes / 4; first += TENSOR_ELEMENTS, i++) {
    // One at a time: this process's memory is not the point.
    const one = randomTensor(i, Math.min(TENSOR_ELEMENTS, bytes / 4 - first));
    const { manifest } = await store.putSnapshot(one);
    entries.push(...manifest.tensors);
    for (const { data } of one.tensors.values()) {
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  const id = await store.putManifest({
    version: 1,
    network: { name: 'transfer' },
    tensors: entries,
    info: {},
  });
  const files = entries.map(({ digest }) => join(folder, 'blobs', digest.slice(0, 2), digest));
  return { folder, id, files, bytes, sha256: hash.digest('hex') };
}

/** Values from 1 to 2 with random mantissas: no zero that a masked form could leave out. */
function randomTensor(index: number, elements: number): Snapshot {
  const words = new Uint32Array(elements);
  // A linear congruential generator (Numerical Recipes).
  for (let i = 0, state = index + 1; i < elements; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = 0x3f800000 | (state >>> 9);
  }
  const value = float32([elements], new Float32Array(words.buffer));
  return {
    network: { name: 'transfer' },
    tensors: new Map([[`fc${String(index).padStart(4, '0')}/kernel`, value]]),
    info: {},
  };
}

/** The files' bytes in a row. A piece is used again when the next but three is asked for. */
export async function* pieces(files: readonly string[]): AsyncGenerator<Uint8Array> {
  const buffers = Array.from({ length: 4 }, () => new Uint8Array(PIECE_BYTES));
  let turn = 0;
  for (const file of files) {
    const handle = await open(file, 'r');
    try {
      for (;;) {
        const buffer = buffers[turn++ % buffers.length];
        const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES);
        if (bytesRead === 0) break;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }
}
