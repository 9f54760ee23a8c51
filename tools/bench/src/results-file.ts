/** Files under docs/results: read with a clear word, written whole or not at all. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { errorMessage } from '@espalier/base';
import { benchError } from './errors';
import { ROOT } from './places';

export const RESULTS_VERSION = 1;

/** @returns undefined where there is none. @throws BENCH_FILE */
export function readResults<T extends { readonly version: number }>(file: string): T | undefined {
  if (!existsSync(file)) return undefined;
  let results: T;
  try {
    results = JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (cause) {
    throw benchError('BENCH_FILE', { file: shown(file), problem: errorMessage(cause) }, { cause });
  }
  if (results.version !== RESULTS_VERSION) {
    const problem = `its version is ${results.version}, not ${RESULTS_VERSION}`;
    throw benchError('BENCH_FILE', { file: shown(file), problem });
  }
  return results;
}

export function writeResults(file: string, results: { readonly version: number }): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.tmp`, `${JSON.stringify(results, undefined, 2)}\n`);
  renameSync(`${file}.tmp`, file);
}

/** As people should read it: relative to the workspace. */
export function shown(file: string): string {
  return relative(ROOT, file);
}
