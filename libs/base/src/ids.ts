/** Ids: sortable by time, safe in file names and URLs. */

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export interface IdSource {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** `count` random bytes. */
  randomBytes(count: number): Uint8Array;
}

const systemSource: IdSource = {
  nowMs: () => Date.now(),
  randomBytes: (count) => globalThis.crypto.getRandomValues(new Uint8Array(count)),
};

/** A run's id: `20261124-113005-k3v9`, in UTC. Sorts by start; the four random letters keep runs of one second apart. */
export function newRunId(source: IdSource = systemSource): string {
  const stamp = new Date(source.nowMs()).toISOString();
  return `${stamp.slice(0, 10).replaceAll('-', '')}-${stamp.slice(11, 19).replaceAll(':', '')}-${letters(source, 4)}`;
}

/** A message's or lease's id: 16 random letters (80 bits). */
export function newId(source: IdSource = systemSource): string {
  return letters(source, 16);
}

function letters(source: IdSource, count: number): string {
  return Array.from(source.randomBytes(count), (byte) => ALPHABET[byte & 31]).join('');
}
