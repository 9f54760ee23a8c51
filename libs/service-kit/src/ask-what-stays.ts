/** Asks the hub which of these snapshots and blobs pinned runs need. */
import { message, PROTOCOL_LIMITS } from '@espalier/protocol';
import type { Digest } from '@espalier/tensor';
import type { Bus } from '@espalier/transport';

/** @throws TRANSPORT_* when the hub is away: then nobody can tell */
export async function askWhatStays(
  bus: Pick<Bus, 'request'>,
  from: string,
  digests: readonly Digest[],
): Promise<ReadonlySet<Digest>> {
  const stays = new Set<Digest>();
  for (let first = 0; first < digests.length; first += PROTOCOL_LIMITS.maxDigests) {
    const asked = digests.slice(first, first + PROTOCOL_LIMITS.maxDigests);
    const { body } = await bus.request(message('keep', { digests: asked }, { from }));
    for (const digest of body.digests) stays.add(digest);
  }
  return stays;
}
