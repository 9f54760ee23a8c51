/**
 * Pulling snapshots and blobs from whoever has them. What is here already is not asked for; what is missing at one owner is
 * asked of the next; a cut transfer goes on where it stopped. The manifest is put last, so that a snapshot which the
 * store names is as whole as it was wanted.
 */
import type { WireBytes } from '@espalier/protocol';
import type { BlobStore, FormSubject } from '@espalier/store';
import { byteLength, sizeOf, type Digest, type SnapshotManifest } from '@espalier/tensor';
import { fetchManifest } from './fetch-manifest';
import { Pull, type SourceOptions } from './pull-session';
import { storeSink } from './store-sink';

export interface PullOptions extends SourceOptions {
  /** Where it goes. */
  readonly store: BlobStore;
}

export interface PulledSnapshot {
  readonly manifest: SnapshotManifest;
  readonly wire: WireBytes;
}

/**
 * The snapshot `id` into the store; with `only`, its manifest and the tensors of which that is true. Throws TRANSPORT_MISSING when no owner has all of it, TRANSPORT_UNREACHABLE or
 * TRANSPORT_DISCONNECTED when none answers, TRANSPORT_CORRUPT, TRANSPORT_REFUSED, TRANSPORT_CANCELLED, STORE_DISK_FULL.
 */
export async function pullSnapshot(
  options: PullOptions & { readonly id: Digest; readonly only?: (name: string) => boolean },
): Promise<PulledSnapshot> {
  const { id, store, only = () => true } = options;
  await using pull = new Pull(options, storeSink(store));
  const manifest = (await store.hasManifest(id))
    ? await store.getManifest(id)
    : await pull.attempt((owner) => fetchManifest(owner, id, pull.meter));

  const subjects = new Map<Digest, FormSubject>();
  for (const { name, digest, dtype, shape } of manifest.tensors) {
    if (!only(name)) continue;
    const bytes = byteLength(dtype, sizeOf(shape));
    if (subjects.has(digest) || (await store.has(digest))) pull.meter.had(bytes);
    else subjects.set(digest, { digest, dtype, shape });
  }
  await pull.fetch(subjects, id);
  await store.putManifest(manifest);
  return { manifest, wire: pull.meter.total() };
}

/** Plain blobs (data sets, artifacts) by digest. Throws as `pullSnapshot`. */
export async function pullBlobs(
  options: PullOptions & { readonly digests: readonly Digest[] },
): Promise<{ readonly wire: WireBytes }> {
  const { store } = options;
  await using pull = new Pull(options, storeSink(store));
  const wanted = new Map<Digest, undefined>();
  for (const digest of options.digests) {
    const bytes = await store.size(digest);
    if (bytes === undefined) wanted.set(digest, undefined);
    else pull.meter.had(bytes);
  }
  await pull.fetch(wanted, undefined);
  return { wire: pull.meter.total() };
}
