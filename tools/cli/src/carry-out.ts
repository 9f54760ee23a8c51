/** A run from here to its end, or to a Ctrl-C: who does it, what is shown, what is left behind. */
import { silentLogger, systemClock, type Logger } from '@espalier/base';
import type { ResolvedRecipe } from '@espalier/recipe';
import { newToken } from '@espalier/transport';
import { EXIT, type CommandContext } from './command';
import { cliError } from './errors';
import { expectedTitles } from './dry-run';
import { finishRun, sayDone } from './finish-run';
import { lockFolder, type FolderLock } from './folder-lock';
import { onInterrupt } from './interrupt';
import { startCluster } from './local-cluster';
import { showProgress, type Progress } from './output/progress';
import { present } from './output/terminal';
import { terminalLogger } from './output/terminal-logger';
import { allowRecipe } from './plugin-places';
import { withPins, type RunInputs } from './prepare-run';
import { runHere, type RunOutcome } from './run-in-process';
import { runOnHub } from './run-on-hub';
import type { CarryOutOptions } from './run-options';
import { stopCutRuns, type RecordedRun } from './run-records';
import { emptyView, type RunEvent } from './run-view';
import { announceServing, dashboardLink } from './serving';
import { type RunsFolder } from './runs-folder';
import { tokenFrom } from './token';

export interface RunJob {
  readonly folder: RunsFolder;
  readonly inputs: RunInputs;
  /** The run to go on with. */
  readonly resume?: RecordedRun;
  readonly undo?: { readonly toRound: number; readonly recipe: ResolvedRecipe };
  readonly options: Omit<CarryOutOptions, 'set' | 'runs'>;
}

interface Stage {
  readonly progress: Progress;
  readonly logger: Logger;
  readonly lock: FolderLock;
  readonly signal: AbortSignal;
  /** Ends what would outlive this process by a moment. */
  killAtOnce: () => void;
  onStart(id: string, recipe: ResolvedRecipe): void;
}

const LOOPBACK = '127.0.0.1';

export async function carryOut(job: RunJob, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const { folder, inputs, options, resume } = job;
  using lock = lockFolder(folder, `run of ${inputs.recipe.name}`);
  const start = resume?.view ?? emptyView(systemClock.nowMs());
  const progress = showProgress({ terminal, clock: systemClock, start, quiet: options.quiet ?? false });
  const say = (text: string): void => (options.quiet ? undefined : progress.note(text));
  let runId = resume?.id;
  let begun = false;
  using interrupt = onInterrupt(
    () => say(begun ? 'stopping at a checkpoint; Ctrl-C once more stops at once' : 'stopping'),
    () => {
      stage.killAtOnce();
      progress.end();
      terminal.note(runId === undefined ? 'stopped' : `stopped; go on with: espalier run --resume ${runId}`);
    },
  );
  const stage: Stage = {
    progress,
    lock,
    signal: interrupt.signal,
    logger: terminalLogger({ note: (text) => progress.note(text) }, options.debug ?? false),
    killAtOnce: () => undefined,
    onStart: (id, recipe) => {
      runId = id;
      begun = true;
      progress.expect(expectedTitles(recipe));
      say(`run ${id}: ${inputs.recipe.name}, seed ${inputs.recipe.seed}`);
    },
  };
  try {
    if (options.hub === undefined) {
      for (const id of await stopCutRuns(folder))
        if (id !== resume?.id) say(`run ${id} was cut off; it can be resumed`);
    }
    const outcome = await (options.inProcess ? inThisProcess(job, stage) : byServices(job, stage));
    say('testing the file in a fresh process');
    const finished = await finishRun(outcome, folder, {
      base: inputs.folder,
      signal: interrupt.signal,
    });
    progress.end();
    if (options.json) present(terminal, true, { ...finished.report, folder: folder.run(outcome.id) }, String);
    else if (options.quiet) terminal.out(folder.run(outcome.id));
    else sayDone(terminal, finished, folder);
  } catch (error) {
    progress.end();
    if (!interrupt.signal.aborted) throw error;
    if (runId !== undefined) throw cliError('CLI_STOPPED', { run: runId }, { cause: error });
    terminal.note(
      `stopped before a run was begun${options.hub === undefined ? '' : ` at the hub ${options.hub}`}`,
    );
    context.exitCode = EXIT.interrupted;
  }
}

function inThisProcess({ folder, inputs, resume, undo, options }: RunJob, stage: Stage): Promise<RunOutcome> {
  const { progress, signal, onStart } = stage;
  const onEvent = (event: RunEvent): void => progress.event(event);
  const onNote = (text: string): void => (options.quiet ? undefined : progress.note(text));
  return runHere({ folder, inputs, signal, onStart, onEvent, onNote, resume, undo });
}

/** By the services of a hub: that of `--hub`, or of this machine, started for this run. */
async function byServices(
  { folder, inputs, resume, undo, options }: RunJob,
  stage: Stage,
): Promise<RunOutcome> {
  const { progress, logger, lock, signal, onStart } = stage;
  const say = (text: string): void => (options.quiet ? undefined : progress.note(text));
  const common = {
    folder,
    inputs,
    signal,
    // Broken connections are made again; only who asks for details wants to hear of them.
    logger: options.debug ? logger : silentLogger,
    onStart,
    onEvent: (event: RunEvent) => progress.event(event),
    onWaiting: say,
    onNote: (text: string) => (options.quiet ? undefined : progress.note(text)),
    resume,
    undo,
  };
  if (options.hub !== undefined) {
    const hub = { url: options.hub, token: tokenFrom(options.tokenFile) };
    return runOnHub({ ...common, hub, host: options.host, remote: true });
  }
  const viewerToken = newToken();
  const steerToken = newToken();
  await allowRecipe(folder, resume?.recipe ?? withPins(inputs), inputs.folder);
  await using cluster = await startCluster({
    folder,
    token: newToken(),
    viewerToken,
    steerToken,
    threads: resume?.recipe.engine.threads ?? inputs.recipe.engine.threads,
    logger,
    maxStoreBytes: options.maxStoreBytes,
    debug: options.debug,
    onPids: (pids) => lock.children(pids),
  });
  using _serving = announceServing(folder, {
    url: cluster.hub.url,
    token: viewerToken,
    steerToken,
  });
  say(`dashboard: ${dashboardLink(cluster.hub.url, steerToken)}`);
  stage.killAtOnce = () => {
    for (const pid of Object.values(cluster.pids())) process.kill(pid, 'SIGKILL');
  };
  return await runOnHub({
    ...common,
    hub: cluster.hub,
    host: LOOPBACK,
    remote: false,
    failed: cluster.failed,
  });
}
