/**
 * The ways in which a tensor's bytes can be written. `dense32`, `dense16`: the floats as they are. `multiples`: whole multiples
 * of one step, arithmetic-coded. `huffman-index`: DC16's. `arithmetic`: shared weights through the mixing coder. `sparse32`: the
 * mixing coder's map, then floats as they are. A coding's place in this list is its number in the file: only ever append.
 */
export const CODINGS = [
  'dense32',
  'dense16',
  'multiples',
  'huffman-index',
  'arithmetic',
  'sparse32',
] as const;

export type Coding = (typeof CODINGS)[number];

/** And, since version 3, the bytes of a plugin's codec: number 6. No encoder chooses it; who has such bytes gives them. */
export const STREAM_CODINGS = [...CODINGS, 'plugin'] as const;

export type StreamCoding = (typeof STREAM_CODINGS)[number];
