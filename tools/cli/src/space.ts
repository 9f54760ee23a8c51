/** Is there room for a run? Looked at before it starts, not after an hour. */
import { statfsSync } from 'node:fs';
import { cliError } from './errors';
import { nearestFolder } from './installation';
import { bytes } from './output/format';
import type { Prediction } from './prediction';

/** Services that hold the data set in their own stores, beside the CLI. */
const DATA_COPIES = { inProcess: 1, services: 4 } as const;

export interface Space {
  readonly neededBytes: number;
  readonly freeBytes: number;
}

export function spaceFor(
  { snapshotBytes, artifactBytes }: Prediction,
  dataBytes: number,
  where: { readonly folder: string; readonly inProcess: boolean },
): Space {
  const copies = where.inProcess ? DATA_COPIES.inProcess : DATA_COPIES.services;
  const neededBytes = Math.round(snapshotBytes + artifactBytes * 3 + dataBytes * copies);
  return { neededBytes, freeBytes: freeBytes(where.folder) };
}

/** @throws CLI_DISK */
export function requireSpace({ neededBytes, freeBytes: free }: Space, folder: string): void {
  if (free < neededBytes) {
    throw cliError('CLI_DISK', { needed: bytes(neededBytes), folder, free: bytes(free) });
  }
}

/** Free bytes of the disk that the folder is on, or will be on. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(nearestFolder(folder));
  return bavail * bsize;
}
