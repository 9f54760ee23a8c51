/**
 * The file of a round: the network as it was then, nothing of it rounded. The coordinator holds no tensors and must not stand still, so a
 * process of its own pulls that network and codes it (`round-file-process.ts`); one at a time, since each takes a core.
 */
import type { JsonValue, Logger } from '@espalier/base';
import type { ResolvedRecipe } from '@espalier/recipe';
import { superviseChild } from '@espalier/service-kit';
import { encodeAsItIs } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import { extname, join } from 'node:path';
import { coordinatorError } from '../../errors';
import type { RunState } from '../../fold-run';
import { roundViews } from '../values/run-figures';
import { passingFile, type Artifact, type ArtifactSources } from './artifact';
import type { RoundFileMade, RoundFileTask } from './round-file-process';

/** From source or built, as this file is. */
const ENTRY = join(__dirname, `round-file-process${extname(__filename)}`);

export interface RoundFilesParts extends ArtifactSources {
  /** Node's own arguments for the process. Default: those of this one. */
  readonly execArgv?: readonly string[];
}

export class RoundFiles {
  private readonly parts: RoundFilesParts;
  private readonly closing = new AbortController();
  private last: Promise<unknown> = Promise.resolve();

  constructor(parts: RoundFilesParts) {
    this.parts = parts;
  }

  /**
   * @param round 0: the dense network
   * @param gone whoever asked does not wait any more
   * @throws COORDINATOR_NO_ARTIFACT for a round that there is not; TRANSPORT_* when nobody who is connected has its network;
   * SERVICE_CRASHED
   */
  async open(run: RunState, round: number, gone: AbortSignal): Promise<Artifact> {
    const { id, name, dataUrls } = run;
    const { dir, token, logger, execArgv } = this.parts;
    const spec = encodeAsItIs(run.recipe as unknown as ResolvedRecipe, networkOf(run, round));
    const urls = [...new Set([...this.parts.dataUrls(), ...dataUrls])];
    const signal = AbortSignal.any([gone, this.closing.signal]);
    const file = `${name ?? id}-${round === 0 ? 'dense' : `round-${round}`}`;
    return this.inTurn(() => {
      signal.throwIfAborted();
      return passingFile(dir, file, (folder) =>
        codeInProcess({ folder, urls, token, spec }, { signal, logger, execArgv }),
      );
    });
  }

  /** Ends what is being coded. */
  async close(): Promise<void> {
    this.closing.abort(coordinatorError('COORDINATOR_CLOSING'));
    await this.last;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    // Its own caller has the failure.
    this.last = done.catch(() => undefined);
    return done;
  }
}

/** The snapshot that the round left. */
function networkOf(run: RunState, round: number): Digest {
  const rounds = roundViews(run);
  const key = rounds.find((each) => each.round === round)?.stageKey;
  const stage = run.finished.find(({ spec, key: own }) =>
    round === 0 ? spec.kind === 'train' : own === key,
  );
  const digest = stage?.result.outputs['snapshot']?.digest;
  if (digest !== undefined) return digest;
  const known = rounds.map((each) => each.round).join(', ') || 'none';
  const hint = `rounds that are done: ${known}; 0 is the dense network`;
  throw coordinatorError('COORDINATOR_NO_ARTIFACT', { run: run.id, of: `of round ${round}`, hint });
}

interface ProcessOptions {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly execArgv?: readonly string[];
}

async function codeInProcess(
  task: RoundFileTask,
  { signal, logger, execArgv }: ProcessOptions,
): Promise<Digest> {
  signal.throwIfAborted();
  await using child = superviseChild({
    name: 'the coding of a round',
    entry: ENTRY,
    execArgv,
    settings: () => task as unknown as JsonValue,
    logger,
    // What failed once fails again.
    limits: { maxDeaths: 1 },
  });
  const cut = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  const made = (await Promise.race([child.ready, cut])) as unknown as RoundFileMade;
  if ('digest' in made) return made.digest;
  throw Object.assign(new Error(made.message), { code: made.code });
}
