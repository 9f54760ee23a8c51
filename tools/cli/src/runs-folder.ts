/** The folder that runs lie in: `<runs>/<id>/` for people, `<runs>/.store/<service>/` for the stores of local services. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cliError } from './errors';
import { matchingRun } from './matching-run';

export const RUN_FILES = {
  recipe: 'recipe.resolved.yaml',
  reportJson: 'report.json',
  reportText: 'report.md',
  artifact: 'model.espalier',
  events: 'events.jsonl',
} as const;

export interface RunsFolder {
  readonly path: string;
  /** Ids, oldest first. */
  ids(): readonly string[];
  /** The folder of a run. */
  run(id: string): string;
  file(id: string, file: keyof typeof RUN_FILES): string;
  /** Where a service of this machine keeps its things. */
  store(owner: string): string;
  /** The id that a person means: all of it, a unique beginning or end, or `last`. @throws CLI_RUN_UNKNOWN */
  find(name: string): string;
}

export function runsFolder(folder: string): RunsFolder {
  const path = resolve(folder);
  const run = (id: string): string => join(path, id);
  const ids = (): readonly string[] => idsIn(path);
  return {
    path,
    ids,
    run,
    file: (id, file) => join(run(id), RUN_FILES[file]),
    store: (owner) => join(path, '.store', owner),
    find(name) {
      const found = matchingRun(name, ids());
      if (found !== undefined) return found;
      const there = ids();
      const present = there.length === 0 ? 'none' : there.slice(-5).join(', ');
      throw cliError('CLI_RUN_UNKNOWN', { run: name, folder: path, present });
    },
  };
}

/** Bytes of all files under a folder. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += folderBytes(path);
    else if (entry.isFile()) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

function idsIn(path: string): readonly string[] {
  return entriesOf(path)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .filter((name) => statSync(join(path, name, RUN_FILES.events), { throwIfNoEntry: false }) !== undefined)
    .sort();
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Not there (yet), or gone in between: it holds nothing.
    return [];
  }
}
