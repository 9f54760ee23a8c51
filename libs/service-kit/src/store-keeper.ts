/** Keeps the store of one service below its limit, not more often than is of use. */
import { join } from 'node:path';
import { errorMessage, type Logger } from '@espalier/base';
import { RecordStore, type BlobStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';
import type { OfferedLease } from './lease-worker';
import { dataUse, defaultStoreBytes, tidyStore, workingOn } from './tidy-store';

/** Looking at the sizes of all blobs is not for every lease. */
const INTERVAL_MS = 30_000;

export interface StoreKeeperOptions {
  /** The service's folder. */
  readonly dir: string;
  readonly store: BlobStore;
  readonly cache: RecordStore;
  /** Default: `defaultStoreBytes`. */
  readonly maxBytes?: number;
  readonly intervalMs?: number;
  /** Those of these digests that must stay in any case; rejects when nobody can tell. */
  pinned(digests: readonly Digest[]): Promise<ReadonlySet<Digest>>;
  readonly logger: Logger;
}

export interface StoreKeeper {
  /** The lease's data set has been pulled, and stays for a while. */
  used(lease: OfferedLease): Promise<void>;
  /** Never rejects. */
  tidy(atWork?: OfferedLease): Promise<void>;
}

export async function storeKeeper(options: StoreKeeperOptions): Promise<StoreKeeper> {
  const { dir, store, cache, logger, intervalMs = INTERVAL_MS } = options;
  const uses = await RecordStore.open(join(dir, 'uses'));
  const maxBytes = options.maxBytes ?? (await defaultStoreBytes(dir));
  let lastMs = -Infinity;
  return {
    used: async ({ stage: { data } }) => {
      if (data !== undefined) await uses.put(dataUse(data), {});
    },
    tidy: async (atWork) => {
      const nowMs = performance.now();
      if (nowMs - lastMs < intervalMs) return;
      lastMs = nowMs;
      try {
        const working = atWork && (await workingOn(store, atWork.stage));
        const pinned = (digests: readonly Digest[]) => options.pinned(digests);
        const limits = { maxBytes, pinned, ...(working ? { working } : {}) };
        const report = await tidyStore({ store, cache, uses, ...limits });
        if (report.removedBytes > 0) logger.info('the store was over its limit', { maxBytes, ...report });
        if (report.keptBytes > maxBytes)
          logger.warn('the store stays over its limit: all of it is in use or pinned', {
            maxBytes,
            ...report,
          });
      } catch (error) {
        logger.warn('the store could not be tidied', { problem: errorMessage(error) });
      }
    },
  };
}
