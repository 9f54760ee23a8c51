/** Brings what a stage starts from into the service's own store, straight from the stores that have it. */
import type { Logger } from '@espalier/base';
import { dataBlobsOf, parseDataManifest } from '@espalier/datasets';
import type { WireBytes } from '@espalier/protocol';
import type { BlobStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';
import { addWire, pullBlobs, pullSnapshot, type PullOptions } from '@espalier/transport';
import { serviceError } from './errors';
import { NO_BYTES, type OfferedLease } from './lease-worker';

export interface PullInputsOptions {
  readonly lease: OfferedLease;
  readonly store: BlobStore;
  readonly token: string;
  /** This service's own data plane: it is not asked. */
  readonly ownUrl: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Pulls the input snapshots and blobs, the data set's manifest and its blobs; what is here already is not asked for.
 * @returns bytes by form. @throws SERVICE_INPUT_MISSING when nobody is left to ask, TRANSPORT_*, STORE_DISK_FULL
 */
export async function pullInputs(options: PullInputsOptions): Promise<WireBytes> {
  const { lease, store } = options;
  const { inputs, data } = lease.stage;
  let wire = NO_BYTES;
  for (const { kind, digest } of Object.values(inputs)) {
    const isHere = kind === 'snapshot' ? await store.hasSnapshot(digest) : await store.has(digest);
    const from = pullOptions(options, digest, kind, isHere);
    const { wire: more } =
      kind === 'snapshot'
        ? await pullSnapshot({ ...from, id: digest })
        : await pullBlobs({ ...from, digests: [digest] });
    wire = addWire(wire, more);
  }
  if (data !== undefined) {
    const from = pullOptions(options, data, 'data set', await store.has(data));
    wire = addWire(wire, (await pullBlobs({ ...from, digests: [data] })).wire);
    const manifest = parseDataManifest(JSON.parse(new TextDecoder().decode(await store.get(data))));
    wire = addWire(wire, (await pullBlobs({ ...from, digests: dataBlobsOf(manifest) })).wire);
  }
  return wire;
}

function pullOptions(
  { lease, store, token, ownUrl, signal, logger }: PullInputsOptions,
  digest: Digest,
  what: string,
  isHere: boolean,
): PullOptions {
  const urls = (lease.sources[digest] ?? []).filter((url) => url !== ownUrl);
  if (urls.length === 0 && !isHere) {
    throw serviceError('SERVICE_INPUT_MISSING', {
      count: urls.length,
      what,
      digest,
      stage: lease.stage.kind,
    });
  }
  return { urls, store, token, signal, logger };
}
