/**
 * The file of a round: the network as it was then, nothing of it rounded. The coordinator holds no tensors and must not stand still, so a
 * process of its own pulls that network and codes it (`round-file-process.ts`); one at a time, since each takes a core.
 */
import type { JsonValue, Logger } from '@espalier/base';
import type { ResolvedRecipe } from '@espalier/recipe';
import { superviseChild } from '@espalier/service-kit';
import { encodeAsItIs, type StageSpec } from '@espalier/stages';
import type { Digest } from '@espalier/tensor';
import { extname, join } from 'node:path';
import { coordinatorError } from '../../errors';
import type { RunState } from '../../fold-run';
import { roundViews } from '../values/run-figures';
import { passingFile, type Artifact, type ArtifactSources } from './artifact';
import type { RoundFileMade, RoundFileTask } from './round-file-process';

/** From source or built, as this file is. */
const ENTRY = join(__dirname, `round-file-process${extname(__filename)}`);

/** That are waited for, made, or passed on: each lies on the disk. */
const MAX_FILES = 16;

export interface RoundFilesParts extends ArtifactSources {
  /** Default: 16. */
  readonly maxFiles?: number;
  /** Node's own arguments for the process. Default: those of this one. */
  readonly execArgv?: readonly string[];
}

export class RoundFiles {
  private readonly parts: RoundFilesParts;
  private readonly closing = new AbortController();
  private last: Promise<unknown> = Promise.resolve();
  private files = 0;

  constructor(parts: RoundFilesParts) {
    this.parts = parts;
  }

  /**
   * @param round 0: the dense network
   * @param gone whoever asked does not wait any more
   * @throws COORDINATOR_NO_ARTIFACT for a round that there is not; TRANSPORT_* when nobody who is connected has its network;
   * SERVICE_CRASHED; COORDINATOR_BUSY
   */
  async open(run: RunState, round: number, gone: AbortSignal): Promise<Artifact> {
    const spec = encodeAsItIs(run.recipe as unknown as ResolvedRecipe, networkOf(run, round));
    const { maxFiles: limit = MAX_FILES } = this.parts;
    if (this.files >= limit) throw coordinatorError('COORDINATOR_BUSY', { limit });
    this.files++;
    let artifact: Artifact;
    try {
      artifact = await this.make(run, { round, spec, gone });
    } catch (error) {
      this.files--;
      throw error;
    }
    let isOpen = true;
    const dispose = async (): Promise<void> => {
      await artifact[Symbol.asyncDispose]();
      if (isOpen) this.files--;
      isOpen = false;
    };
    return { ...artifact, [Symbol.asyncDispose]: dispose };
  }

  private make(run: RunState, { round, spec, gone }: RoundWish): Promise<Artifact> {
    const { id, name, dataUrls } = run;
    const { dir, token, logger, execArgv } = this.parts;
    const signal = AbortSignal.any([gone, this.closing.signal]);
    const file = `${name ?? id}-${round === 0 ? 'dense' : `round-${round}`}`;
    return this.inTurn(() => {
      signal.throwIfAborted();
      // Those who are there now: it may have waited long for its turn.
      const urls = [...new Set([...this.parts.dataUrls(), ...dataUrls])];
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

interface RoundWish {
  readonly round: number;
  readonly spec: StageSpec;
  readonly gone: AbortSignal;
}

/** The snapshot that the round left. */
function networkOf(run: RunState, round: number): Digest {
  const rounds = roundViews(run);
  const key = rounds.find((each) => each.round === round)?.stageKey;
  const dense = run.finished.find(({ spec }) => spec.kind === 'train');
  const stage = round === 0 ? dense : run.finished.find(({ key: own }) => own === key);
  const digest = stage?.result.outputs['snapshot']?.digest;
  if (digest !== undefined) return digest;
  const known = rounds.map((each) => each.round).join(', ') || 'none';
  const hint = dense
    ? `rounds that are done: ${known}; 0 is the dense network`
    : 'there is one when the training of the dense network, which is round 0, is done';
  throw coordinatorError('COORDINATOR_NO_ARTIFACT', { run: run.id, of: `of round ${round}`, hint });
}

const FORGOTTEN =
  'A store over its limit forgets results that nothing has used for a week, unless their run is pinned (espalier runs pin).';

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
  const why = made.code === 'TRANSPORT_MISSING' ? ` ${FORGOTTEN}` : '';
  throw Object.assign(new Error(`${made.message}${why}`), { code: made.code });
}
