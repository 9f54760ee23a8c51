/** Files that a person names or gets: read with a clear word, written whole or not at all. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { cliError } from './errors';

/** @throws CLI_FILE */
export function readInput(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw cliError('CLI_FILE', { action: 'read', file, problem: problemOf(cause) }, { cause });
  }
}

/** Temp, fsync, rename: nobody ever sees half a file. @throws CLI_FILE */
export function writeOutput(file: string, content: Uint8Array | string): void {
  const temp = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = openSync(temp, 'w');
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temp, file);
  } catch (cause) {
    rmSync(temp, { force: true });
    throw cliError('CLI_FILE', { action: 'write', file, problem: problemOf(cause) }, { cause });
  }
}

function problemOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'access is not allowed';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return message;
  }
}
