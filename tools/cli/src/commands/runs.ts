/** `espalier runs`: the runs of a folder; `rm` and `pin`. */
import { rmSync } from 'node:fs';
import { Pins } from '@espalier/store';
import type { Command } from 'commander';
import { examples, type CommandContext, type CommandModule, type CommonOptions } from '../command';
import { cliError } from '../errors';
import { folderOwner, lockFolder } from '../folder-lock';
import { DEFAULT_RUNS } from '../installation';
import { bytes, count, duration, percent } from '../output/format';
import { table } from '../output/table';
import { present } from '../output/terminal';
import { digestsOf, readRun, requireRun } from '../run-records';
import { keptShare } from '../run-view';
import { folderBytes, runsFolder, type RunsFolder } from '../runs-folder';

interface RunsOptions extends CommonOptions {
  readonly runs: string;
}

interface RunLine {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly startedAt: number;
  readonly seconds: number;
  readonly stages: number;
  readonly keptShare: number | null;
  readonly error: number | null;
  readonly artifactBytes: number | null;
  readonly bytes: number;
  readonly pinned: boolean;
  readonly problem?: string;
}

export const runsCommand: CommandModule = {
  configure(command: Command, context) {
    command
      .argument('[action]', 'list (the default), rm, pin, or unpin')
      .argument('[ids...]', 'which runs: whole ids, unique beginnings or ends, "last"')
      .option('--runs <folder>', 'where runs lie', DEFAULT_RUNS)
      .option('--force', 'rm: also what is pinned')
      .addHelpText(
        'after',
        examples([
          ['espalier runs', 'what there is'],
          ['espalier runs pin last', 'gc, rm and the limit of the stores keep their hands off it'],
          ['espalier runs rm 20261124-113005-k3v9', 'its folder goes; gc then frees what it alone needed'],
        ]),
      )
      .action((action: string | undefined, ids: string[], options: RunsOptions & { force?: boolean }) =>
        runs(action ?? 'list', ids, options, context),
      );
  },
};

async function runs(
  action: string,
  names: readonly string[],
  options: RunsOptions & { force?: boolean },
  { terminal }: CommandContext,
): Promise<void> {
  const folder = runsFolder(options.runs);
  if (action === 'list') {
    const lines = await listRuns(folder);
    return present(terminal, options.json, lines, () =>
      lines.length === 0 ? 'no runs yet' : runTable(lines),
    );
  }
  if (!['rm', 'pin', 'unpin'].includes(action)) {
    throw cliError('CLI_OPTION', { option: 'action', value: action, expected: 'list, rm, pin or unpin' });
  }
  if (names.length === 0) {
    throw cliError('CLI_OPTION', { option: 'ids', value: '', expected: `at least one run to ${action}` });
  }
  const pins = await openPins(folder);
  const ids = names.map((name) => folder.find(name));
  for (const id of ids) {
    if (action === 'pin') await pins.pin(id, digestsOf(await requireRun(folder, id)));
    else if (action === 'unpin') await pins.unpin(id);
    else await remove(folder, id, { pins, force: options.force ?? false });
  }
  present(terminal, options.json, { [action]: ids }, () => `${action}: ${ids.join(', ')}`);
}

export function openPins(folder: RunsFolder): Promise<Pins> {
  return Pins.open(folder.store('pins'));
}

async function remove(
  folder: RunsFolder,
  id: string,
  { pins, force }: { readonly pins: Pins; readonly force: boolean },
): Promise<void> {
  if ((await pins.list()).has(id) && !force) throw cliError('CLI_RUN_PINNED', { run: id });
  using _lock = lockFolder(folder, `removal of ${id}`);
  rmSync(folder.run(id), { recursive: true, force: true });
  await pins.unpin(id);
}

async function listRuns(folder: RunsFolder): Promise<readonly RunLine[]> {
  const pinned = await (await openPins(folder)).list();
  const isBusy = folderOwner(folder) !== undefined;
  return Promise.all(
    folder.ids().map(async (id): Promise<RunLine> => {
      const common = { id, bytes: folderBytes(folder.run(id)), pinned: pinned.has(id) };
      try {
        const run = await readRun(folder, id);
        if (!run) return { ...EMPTY_LINE, ...common, status: 'empty' };
        const { view, createdAt, updatedAt } = run;
        const open = view.status === 'running' || view.status === 'waiting';
        return {
          ...common,
          name: view.name,
          status: open && !isBusy ? 'cut off' : view.status,
          startedAt: createdAt,
          seconds: (updatedAt - createdAt) / 1000,
          stages: view.done.length,
          keptShare: keptShare(view.layers) ?? null,
          error: view.done.at(-1)?.error ?? null,
          artifactBytes: view.done.find((stage) => stage.bytes !== undefined)?.bytes ?? null,
        };
      } catch (error) {
        return { ...EMPTY_LINE, ...common, status: 'unreadable', problem: (error as Error).message };
      }
    }),
  );
}

const EMPTY_LINE = {
  name: '',
  startedAt: 0,
  seconds: 0,
  stages: 0,
  keptShare: null,
  error: null,
  artifactBytes: null,
} as const;

function runTable(lines: readonly RunLine[]): string {
  const orBlank = <T>(value: T | null, text: (value: T) => string): string =>
    value === null ? '' : text(value);
  return table<RunLine>(
    [
      { title: 'run', cell: ({ id }) => id },
      { title: 'recipe', cell: ({ name }) => name },
      { title: 'status', cell: ({ status }) => status },
      { title: 'took', align: 'right', cell: ({ seconds }) => duration(seconds) },
      { title: 'stages', align: 'right', cell: ({ stages }) => count(stages) },
      { title: 'kept', align: 'right', cell: (line) => orBlank(line.keptShare, percent) },
      { title: 'error', align: 'right', cell: ({ error }) => orBlank(error, percent) },
      { title: 'file', align: 'right', cell: ({ artifactBytes }) => orBlank(artifactBytes, bytes) },
      { title: 'on disk', align: 'right', cell: (line) => bytes(line.bytes) },
      { title: '', cell: ({ pinned }) => (pinned ? 'pinned' : '') },
    ],
    lines,
  );
}
