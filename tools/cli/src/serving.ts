/** Where the hub of a runs folder can be reached, for `espalier watch` and `espalier swap`: a file that only its owner can read. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HubAddress } from './hub-client';
import type { RunsFolder } from './runs-folder';

const FILE = 'hub.json';

/** `token` may only watch; `steerToken` may change runs. Both are for who can read the file: the folder's owner. */
export interface Serving extends HubAddress {
  readonly steerToken?: string;
}

export function announceServing(folder: RunsFolder, hub: Serving): Disposable {
  const file = join(folder.store(''), FILE);
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(hub), { mode: 0o600 });
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

/** The page of a hub. The token is in the fragment: a browser keeps that to itself, it is not sent to servers and stands in none of their logs. */
export function dashboardLink(url: string, token: string): string {
  return `${url}/#token=${token}`;
}

export function readServing(folder: RunsFolder): Serving | undefined {
  try {
    return JSON.parse(readFileSync(join(folder.store(''), FILE), 'utf8')) as Serving;
  } catch {
    // There is none, or it is somebody else's: the log can still be read.
    return undefined;
  }
}
