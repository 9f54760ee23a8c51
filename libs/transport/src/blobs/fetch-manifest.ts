import { parseManifest } from '@espalier/store';
import type { Digest, SnapshotManifest } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { transportError } from '../errors';
import { refuse } from './incoming-transfer';
import type { OwnerConnection } from './owner-connection';
import type { WireMeter } from './wire-meter';

/** The manifest of a snapshot, checked against its id. Throws TRANSPORT_MISSING, TRANSPORT_CORRUPT, STORE_MANIFEST. */
export async function fetchManifest(
  owner: OwnerConnection,
  id: Digest,
  meter: WireMeter,
): Promise<SnapshotManifest> {
  const transfer = owner.newTransfer();
  await owner.send({ kind: 'want.manifest', transfer, snapshot: id });
  const data = await owner.next(transfer);
  meter.overhead(data.frameBytes);
  if (data.header.kind === 'missing') {
    throw transportError('TRANSPORT_MISSING', { urls: owner.url, digest: id });
  }
  if (data.header.kind !== 'manifest') refuse(owner.url, data);
  if (sha256(data.bytes) !== id) {
    throw transportError('TRANSPORT_CORRUPT', { form: 'manifest', digest: id, url: owner.url });
  }
  return parseManifest(data.bytes, id);
}
