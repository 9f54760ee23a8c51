/** The token of a hub: from a file or the environment, never from the command line, which everybody on the machine can read. */
import { newToken } from '@espalier/transport';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cliError } from './errors';

export const TOKEN_VARIABLE = 'ESPALIER_TOKEN';
/** Printable ASCII without spaces: it travels in a header. */
const TOKEN = /^[\x21-\x7e]{16,512}$/;

/** @param options.create makes the file, readable by its owner alone, when it is missing. @throws CLI_TOKEN */
export function tokenFrom(file: string | undefined, options: { readonly create?: boolean } = {}): string {
  if (file === undefined) {
    const token = process.env[TOKEN_VARIABLE];
    if (token === undefined || token === '') {
      throw cliError('CLI_TOKEN', { problem: 'none was given' });
    }
    return checked(token, TOKEN_VARIABLE);
  }
  if (options.create && !existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${newToken()}\n`, { mode: 0o600, flag: 'wx' });
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw cliError('CLI_TOKEN', { problem: (cause as Error).message }, { cause });
  }
  return checked(text.trim(), file);
}

function checked(token: string, where: string): string {
  if (TOKEN.test(token)) return token;
  throw cliError('CLI_TOKEN', { problem: `${where} should hold 16 to 512 printable characters` });
}
