import { storeError } from './errors';

const DIGEST = /^[0-9a-f]{64}$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export function isDigest(value: string): boolean {
  return DIGEST.test(value);
}

/** Names become file names: nothing that climbs out of a folder, whatever a peer says. Throws STORE_NAME. */
export function requireDigest(digest: string): string {
  if (!DIGEST.test(digest)) throw storeError('STORE_NAME', { name: digest.slice(0, 80), what: 'blob' });
  return digest;
}

export function requireName(name: string, what: string): string {
  if (!NAME.test(name)) throw storeError('STORE_NAME', { name: name.slice(0, 80), what });
  return name;
}
