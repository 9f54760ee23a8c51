/** Values of options, checked where they are typed; a wrong one is CLI_OPTION (exit code 2). */
import { cliError } from './errors';

/** A whole number of at least `least`. */
export function wholeNumber(option: string, least = 0): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isSafeInteger(number) || number < least) {
      throw cliError('CLI_OPTION', { option, value, expected: `a whole number from ${least}` });
    }
    return number;
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `500M`, `2.5 GB`, `1000`: bytes, in powers of 1000. */
export function byteCount(option: string): (value: string) => number {
  return (value) => {
    const match = /^([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)b?$/i.exec(value.trim());
    if (!match) throw cliError('CLI_OPTION', { option, value, expected: 'a size such as 500M or 2GB' });
    return Math.round(Number(match[1]) * UNITS[match[2].toLowerCase()]);
  };
}

/** Gathers an option that may be given several times. */
export function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A share from 0 to 1. */
export function share(option: string): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === '' || !(number >= 0 && number <= 1)) {
      throw cliError('CLI_OPTION', { option, value, expected: 'a share from 0 to 1' });
    }
    return number;
  };
}

/** `0.5,0.1`: shares, each from 0 to 1. */
export function shares(option: string): (value: string) => readonly number[] {
  return (value) => value.split(',').map(share(option));
}
