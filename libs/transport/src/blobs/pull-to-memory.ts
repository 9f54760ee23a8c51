/**
 * A snapshot straight into memory, for those who use it once and keep nothing: no store, no disk. Chunks are checked as they
 * come and tensors before they are given out, as in a pull to a store.
 *
 * For programs beside a run, as a part of this lib's public API: to look at a stage's weights, to convert or to plot them.
 * Nothing of Espalier itself uses it but the bench `transfer`: services keep what they pull in their stores, which they resume,
 * answer and serve from, and the CLI pulls one blob, the artifact.
 */
import type { WireBytes } from '@espalier/protocol';
import type { FormSubject } from '@espalier/store';
import {
  byteLength,
  sizeOf,
  tensorBytes,
  tensorFromBytes,
  type Digest,
  type Snapshot,
  type SnapshotManifest,
  type Tensor,
} from '@espalier/tensor';
import { transportError } from '../errors';
import { fetchManifest } from './fetch-manifest';
import { MemorySink } from './memory-sink';
import { Pull, type SourceOptions } from './pull-session';

/** VGG-16 with its masks and one optimizer slot has 1.2 GB. */
const DEFAULT_MAX_BYTES = 4 * 1024 ** 3;

export interface MemoryPullOptions extends SourceOptions {
  readonly id: Digest;
  /** A snapshot that has more dense bytes is refused before a tensor is asked for. Default: 4 GiB. */
  readonly maxBytes?: number;
}

/**
 * The snapshot `id`, each tensor verified. Memory: the tensors, and a window of 16 MiB; while a masked form arrives, that too.
 * Throws TRANSPORT_TOO_LARGE, and as `pullSnapshot`.
 */
export async function pullSnapshotToMemory(
  options: MemoryPullOptions,
): Promise<{ readonly snapshot: Snapshot; readonly wire: WireBytes }> {
  const { id, maxBytes = DEFAULT_MAX_BYTES } = options;
  const sink = new MemorySink();
  await using pull = new Pull(options, sink);
  const manifest = await pull.attempt((owner) => fetchManifest(owner, id, pull.meter));

  const subjects = new Map<Digest, FormSubject>();
  let bytes = 0;
  for (const { digest, dtype, shape } of manifest.tensors) {
    const own = byteLength(dtype, sizeOf(shape));
    bytes += own;
    if (subjects.has(digest)) pull.meter.had(own);
    else subjects.set(digest, { digest, dtype, shape });
  }
  if (bytes > maxBytes) throw transportError('TRANSPORT_TOO_LARGE', { id, bytes, maxBytes });
  await pull.fetch(subjects, id);
  return { snapshot: snapshotOf(manifest, sink), wire: pull.meter.total() };
}

function snapshotOf(manifest: SnapshotManifest, sink: MemorySink): Snapshot {
  const tensors = new Map<string, Tensor>();
  const given = new Set<Digest>();
  for (const { name, digest, dtype, shape } of manifest.tensors) {
    const value = sink.get(digest);
    if (!value) throw transportError('TRANSPORT_MISSING', { urls: 'no owner', digest });
    // Tensors with the same bytes: an array for each, so that whoever changes one does not change the other.
    tensors.set(
      name,
      given.has(digest) ? tensorFromBytes(dtype, shape, tensorBytes(value).slice(), name) : value,
    );
    given.add(digest);
  }
  return { network: manifest.network, tensors, info: manifest.info };
}
