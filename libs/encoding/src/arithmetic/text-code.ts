/** Short ASCII texts (names), by mixing what the last none, one and two characters say about the next. */
import { encodingError } from '../errors';
import { NAT } from './logistic';
import { FIRST_RULE, MixedBits } from './mixed-bits';
import type { BinaryCoder } from './range-coder';

/** 7 bits a character; 0 ends a text. */
const CHARACTERS = 128;
const HASHED = 1024;
/** Names have at most 64 characters, `LAYER/movingVariance:codebook` somewhat more. */
const MAX_LENGTH = 256;

export class TextModel {
  private readonly mixed = new MixedBits(
    {
      tables: [CHARACTERS, CHARACTERS * CHARACTERS, HASHED * CHARACTERS],
      opinions: 1,
      sets: 1,
    },
    FIRST_RULE,
  );

  /** Throws ENCODING_STREAM for a text that is too long or has other characters. */
  code(coder: BinaryCoder, text = ''): string {
    if (!coder.decoding && !isShortAscii(text)) throw broken(`"${text}" cannot be stored`);
    let coded = '';
    let last = 0;
    let before = 0;
    for (;;) {
      const wanted = coded.length < text.length ? text.charCodeAt(coded.length) : 0;
      const character = this.character(coder, wanted, [last, (last * 37 + before * 101) % HASHED]);
      if (character === 0) return coded;
      if (coded.length === MAX_LENGTH) throw broken(`more than ${MAX_LENGTH} characters`);
      coded += String.fromCharCode(character);
      before = last;
      last = character;
    }
  }

  private character(coder: BinaryCoder, wanted: number, [order1, order2]: readonly [number, number]): number {
    const { contexts, opinions } = this.mixed;
    opinions[0] = NAT;
    let node = 1;
    while (node < CHARACTERS) {
      contexts[0] = node;
      contexts[1] = order1 * CHARACTERS + node;
      contexts[2] = order2 * CHARACTERS + node;
      const place = 6 - (31 - Math.clz32(node));
      node = node * 2 + this.mixed.code(coder, (wanted >> place) & 1, 0);
    }
    return node - CHARACTERS;
  }
}

function isShortAscii(text: string): boolean {
  const codes = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return codes.length <= MAX_LENGTH && codes.every((code) => code > 0 && code < CHARACTERS);
}

function broken(problem: string): Error {
  return encodingError('ENCODING_STREAM', { what: 'a text', problem });
}
