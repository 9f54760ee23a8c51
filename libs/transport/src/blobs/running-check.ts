/**
 * The SHA-256 of what a transfer has carried of one form so far. Each chunk is checked by it, and where a dense form came from
 * its first byte on, its last value is the tensor's digest: every byte is hashed once at either end.
 */
import type { Digest } from '@espalier/tensor';
import { createHash } from 'node:crypto';

export class RunningCheck {
  private readonly hash = createHash('sha256');

  /** Takes the next bytes; returns the digest of all so far. */
  add(bytes: Uint8Array): Digest {
    // A copy is closed, not the hash itself: two microseconds, whatever went before.
    return this.hash.update(bytes).copy().digest('hex');
  }
}
