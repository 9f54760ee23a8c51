/** SHA-256 by Node's crypto. A door of its own (`@espalier/tensor/digest`), so that browsers can use the rest of the lib. */
import { createHash } from 'node:crypto';
import type { Digest } from './snapshot';

export function sha256(bytes: Uint8Array): Digest {
  return createHash('sha256').update(bytes).digest('hex');
}
