import { findPartial, PartialBlob, putForm, type BlobStore } from '@espalier/store';
import type { BlobSink } from './blob-sink';

/** What arrives goes to the store's disk, and what came of a cut transfer outlives the process. */
export function storeSink(store: BlobStore): BlobSink {
  return {
    hold: (digests, action) => store.locks.hold(digests, action),
    has: (digest) => store.has(digest),
    partialOf: (digest) => findPartial(store, digest),
    open: (subject, options) => PartialBlob.open(store, subject, options),
    putWhole: (subject, whole) => putForm(store, subject, whole),
  };
}
