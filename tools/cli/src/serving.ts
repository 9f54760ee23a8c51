/** Where the hub of a runs folder can be reached, for `espalier watch`: a file that only its owner can read. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HubAddress } from './hub-client';
import type { RunsFolder } from './runs-folder';

const FILE = 'hub.json';

/** Leaves the address and a token that may only watch. */
export function announceServing(folder: RunsFolder, hub: HubAddress): Disposable {
  const file = join(folder.store(''), FILE);
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(hub), { mode: 0o600 });
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

export function readServing(folder: RunsFolder): HubAddress | undefined {
  try {
    return JSON.parse(readFileSync(join(folder.store(''), FILE), 'utf8')) as HubAddress;
  } catch {
    // There is none, or it is somebody else's: the log can still be read.
    return undefined;
  }
}
