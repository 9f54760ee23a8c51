/** `espalier watch`: a run as it goes on, from the hub that has it or from its log. */
import { newId, systemClock } from '@espalier/base';
import { readRunLog, type LogRecord } from '@espalier/store';
import type { Command } from 'commander';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, examples, type CommandContext, type CommandModule, type CommonOptions } from '../command';
import { expectedTitles } from '../dry-run';
import { cliError } from '../errors';
import { folderOwner } from '../folder-lock';
import { followRun } from '../follow-run';
import { HubClient, type HubAddress } from '../hub-client';
import { DEFAULT_RUNS } from '../installation';
import { onInterrupt } from '../interrupt';
import { showProgress } from '../output/progress';
import type { ResolvedRecipe } from '@espalier/recipe';
import { emptyView, type RunEvent } from '../run-view';
import { runsFolder, type RunsFolder } from '../runs-folder';
import { readServing } from '../serving';
import { tokenFrom } from '../token';

interface WatchOptions extends CommonOptions {
  readonly runs: string;
  readonly hub?: string;
  readonly tokenFile?: string;
}

/** How often a log is looked at when its hub is not to be had. */
const LOOK_MS = 500;
const LAST = /^run\.(done|failed|stopped)$/;

export const watchCommand: CommandModule = {
  configure(command: Command, context) {
    command
      .argument('[id]', 'the run', 'last')
      .option('--runs <folder>', 'where runs lie', DEFAULT_RUNS)
      .option('--hub <url>', 'the hub that has the run')
      .option('--token-file <file>', "the hub's token, with --hub (or ESPALIER_TOKEN)")
      .addHelpText(
        'after',
        examples([
          ['espalier watch', 'the latest run'],
          ['espalier watch last --json', 'one event a line'],
          ['espalier watch 20261124-113005-k3v9 --hub ws://10.0.0.5:7000 --token-file token', 'elsewhere'],
        ]),
      )
      .action((id: string, options: WatchOptions) => watch(id, options, context));
  },
};

async function watch(name: string, options: WatchOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const folder = runsFolder(options.runs);
  const hub = hubOf(options, folder);
  using interrupt = onInterrupt(
    () => undefined,
    () => undefined,
  );
  const { signal } = interrupt;
  try {
    const id = options.hub === undefined ? folder.find(name) : await idAt(hub as HubAddress, name, signal);
    await show({ id, folder, hub, signal }, options, context);
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.note(`stopped before the hub ${hub?.url ?? ''} had answered`);
  }
  if (signal.aborted) context.exitCode = EXIT.interrupted;
}

interface Watched {
  readonly id: string;
  readonly folder: RunsFolder;
  readonly hub: HubAddress | undefined;
  readonly signal: AbortSignal;
}

async function show(
  { id, folder, hub, signal }: Watched,
  options: WatchOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const progress = showProgress({
    terminal,
    clock: systemClock,
    start: emptyView(systemClock.nowMs()),
    quiet: options.json ?? false,
  });
  const onEvent = (event: RunEvent): void => {
    if (options.json) return terminal.out(JSON.stringify(event));
    if (event.type === 'run.created') {
      progress.expect(expectedTitles(event.fields['recipe'] as unknown as ResolvedRecipe));
    }
    progress.event(event);
  };
  try {
    if (hub) await followHub(hub, id, { signal, onEvent });
    else await followLog(folder, id, { signal, onEvent });
  } finally {
    progress.end();
  }
  const { status, problem } = progress.view();
  if (!options.json) terminal.out(`run ${id}: ${status}${problem === undefined ? '' : `, ${problem}`}`);
  if (status === 'failed') context.exitCode = EXIT.failed;
}

/** The hub that is named, or the one that this folder's owner has opened to others. */
function hubOf(options: WatchOptions, folder: RunsFolder): HubAddress | undefined {
  if (options.hub !== undefined) return { url: options.hub, token: tokenFrom(options.tokenFile) };
  return folderOwner(folder) ? readServing(folder) : undefined;
}

async function idAt(hub: HubAddress, name: string, signal: AbortSignal): Promise<string> {
  const runs = await new HubClient(hub, signal).runs();
  const found = name === 'last' ? runs.at(-1) : runs.find(({ id }) => id === name);
  if (found) return found.id;
  const present =
    runs
      .map(({ id }) => id)
      .slice(-5)
      .join(', ') || 'none';
  throw cliError('CLI_RUN_UNKNOWN', { run: name, folder: hub.url, present });
}

/** What has been, then what comes, unless the run is over. */
async function followHub(hub: HubAddress, run: string, { signal, onEvent }: LogWatch): Promise<void> {
  const past = await new HubClient(hub, signal).events(run);
  for (const { type, at, fields } of past) onEvent({ type, at, fields });
  const last = past.at(-1);
  if (last && LAST.test(last.type)) return;
  const name = `watch-${newId().slice(0, 8)}`;
  await followRun({ hub, run, fromSeq: (last?.seq ?? 0) + 1, name, signal, onEvent });
}

interface LogWatch {
  readonly signal: AbortSignal;
  onEvent(event: RunEvent): void;
}

/** Reads on as long as somebody may be writing. */
async function followLog(folder: RunsFolder, id: string, { signal, onEvent }: LogWatch): Promise<void> {
  let fromSeq = 1;
  while (!signal.aborted) {
    const isLive = folderOwner(folder) !== undefined;
    const records: LogRecord[] = await readRunLog(folder.file(id, 'events'), { fromSeq });
    for (const { type, at, fields } of records) onEvent({ type, at, fields });
    const last = records.at(-1);
    if (last) fromSeq = last.seq + 1;
    if (!isLive || (last && LAST.test(last.type))) return;
    // Rejects only when the signal ends the wait, which the loop looks at.
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
