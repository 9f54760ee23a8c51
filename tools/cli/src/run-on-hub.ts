/** A run by services: hands the hub a recipe, serves the data, follows the events, and pulls the artifact at the end. */
import { newId, type JsonValue, type Logger } from '@espalier/base';
import { requireTrainable, type EngineInfo } from '@espalier/engine';
import type { ResolvedRecipe } from '@espalier/recipe';
import type { Report } from '@espalier/stages';
import { BlobStore, RunLog } from '@espalier/store';
import { pullBlobs, serveBlobs, type Door } from '@espalier/transport';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cliError } from './errors';
import { followRun } from './follow-run';
import { HubClient, type HubAddress } from './hub-client';
import { resolveInputs, storeInputs, type EngineFacts, type RunInputs } from './prepare-run';
import { IN_PROCESS_STORE, type RunOutcome } from './run-in-process';
import { startObservers } from './observers';
import type { RecordedRun } from './run-records';
import type { RunEvent } from './run-view';
import type { RunsFolder } from './runs-folder';

export interface HubWish {
  readonly hub: HubAddress;
  readonly folder: RunsFolder;
  readonly inputs: RunInputs;
  /** The run to go on with. */
  readonly resume?: RecordedRun;
  /** Goes back to the end of this round first; `recipe`: how it goes on differently from there. */
  readonly undo?: { readonly toRound: number; readonly recipe: ResolvedRecipe };
  /** Where services reach this process. */
  readonly host: string;
  /** True when the hub writes its logs elsewhere: then this process keeps a copy. */
  readonly remote: boolean;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Rejects when the services cannot be kept alive. */
  readonly failed?: Promise<never>;
  onStart(id: string, recipe: ResolvedRecipe): void;
  onEvent(event: RunEvent): void;
  onWaiting(text: string): void;
  onNote(text: string): void;
}

const CLI_STORE = 'cli';
/** Loading TensorFlow takes a second or two; a slow disk some more. */
const SERVICES_WAIT_MS = 60_000;
const POLL_MS = 100;
/** What a stop may take before this process leaves anyhow: a checkpoint, and telling the hub. */
const STOP_WAIT_MS = 5_000;

export async function runOnHub(wish: HubWish): Promise<RunOutcome> {
  const { hub, folder, inputs, signal, host, logger } = wish;
  const client = new HubClient(hub, signal);
  const store = await BlobStore.open(join(folder.store(CLI_STORE), 'store'));
  await storeInputs(inputs, store);
  const tokens = [{ token: hub.token, scope: 'service' }] as const;
  await using data = await serveBlobs({ store, tokens, host, logger });
  await using more = await serveInProcessStore(wish);
  const { id, recipe, fromSeq } = await orFailed(
    wish,
    begin(
      wish,
      client,
      [data, more].flatMap((door) => door?.url ?? []),
    ),
  );
  wish.onStart(id, recipe);
  const observers = startObservers(recipe, {
    run: id,
    folder: folder.run(id),
    base: inputs.folder,
    before: fromSeq > 1 ? (await client.events(id)).filter(({ seq }) => seq < fromSeq) : [],
    publish: (observed) => new HubClient(hub).observed(id, observed),
    note: (text) => wish.onNote(text),
  });
  try {
    if (wish.remote) await copyLog(client, id, folder);
    const last = await orFailed(
      wish,
      followRun({
        hub,
        run: id,
        fromSeq,
        name: `cli-${newId().slice(0, 8)}`,
        signal,
        logger,
        onEvent: (event, seq) => {
          observers.tell(event, seq);
          wish.onEvent(event);
        },
      }),
    );
    if (last === undefined || last.type === 'run.stopped') throw cliError('CLI_STOPPED', { run: id });
  } finally {
    // Whatever it was cut in: a run that nobody waits for must not go on.
    if (signal.aborted) await inTime(stopRun(wish, id));
    await observers[Symbol.asyncDispose]();
    if (!signal.aborted && wish.remote) await copyLog(client, id, folder);
  }
  // Asked for rather than taken from the event: a long report does not fit into a message.
  const { status, failure, report } = await client.run(id);
  if (status === 'paused')
    throw cliError('CLI_RUN_PAUSED', { run: id, problem: failure?.message ?? 'somebody paused it' });
  if (status !== 'done') throw cliError('CLI_RUN_FAILED', { problem: failure?.message ?? `it is ${status}` });
  const made = report as unknown as Report;
  return {
    id,
    recipe,
    report: made,
    artifact: await pullArtifact(wish, client, { store, digest: made.artifact.digest }),
  };
}

interface Started {
  readonly id: string;
  readonly recipe: ResolvedRecipe;
  readonly fromSeq: number;
}

async function begin(wish: HubWish, client: HubClient, dataUrls: readonly string[]): Promise<Started> {
  const { resume, undo, inputs } = wish;
  if (!resume) {
    const recipe = resolveInputs(inputs, await engineOf(wish, client));
    const { name } = recipe;
    const { id } = await client.submit({ recipe: plain(recipe), name, data: inputs.data.digest, dataUrls });
    return { id, recipe, fromSeq: 1 };
  }
  const { id } = resume;
  const log = await client.events(id);
  const { seq: lastSeq = 0 } = log.at(-1) ?? {};
  const { status } = await client.run(id);
  if (undo) {
    const { recipe } = undo;
    await client.steer(id, 'undo', { toRound: undo.toRound, recipe: plain(recipe) });
    // It goes on at once, with the data where they were before; so it is told anew.
    await client.steer(id, 'pause');
    await client.steer(id, 'resume', { dataUrls });
    return { id, recipe, fromSeq: lastSeq + 1 };
  }
  // The end of a run that is done is all that is needed.
  if (status === 'done') return { id, recipe: resume.recipe, fromSeq: lastSeq };
  if (status === 'queued' || status === 'running') return { id, recipe: resume.recipe, fromSeq: lastSeq + 1 };
  await client.steer(id, 'resume', { dataUrls });
  return { id, recipe: resume.recipe, fromSeq: lastSeq + 1 };
}

/** What a run made in the CLI's own process, where it goes on with services. */
async function serveInProcessStore({
  resume,
  folder,
  hub,
  host,
  logger,
}: HubWish): Promise<Door | undefined> {
  const root = join(folder.store(IN_PROCESS_STORE), 'store');
  if (!resume || !existsSync(root)) return undefined;
  const tokens = [{ token: hub.token, scope: 'service' }] as const;
  return serveBlobs({ store: await BlobStore.open(root), tokens, host, logger });
}

/** Adds to our copy of the log what the hub has more. */
async function copyLog(client: HubClient, id: string, folder: RunsFolder): Promise<void> {
  await using log = await RunLog.open(folder.file(id, 'events'));
  for (const { type, fields, at } of await client.events(id, log.lastSeq + 1))
    await log.append(type, fields, { at });
}

/** The engine that will train: its fingerprint stands in the recipe. */
async function engineOf({ inputs, signal, onWaiting }: HubWish, client: HubClient): Promise<EngineFacts> {
  const deadline = performance.now() + SERVICES_WAIT_MS;
  let told = false;
  for (;;) {
    const services = await client.services();
    const trainer = services.find(({ kinds = [] }) => kinds.includes('train'));
    const engine = trainer?.engine as unknown as EngineInfo | undefined;
    if (engine) {
      requireTrainable(inputs.recipe.network, engine);
      return { fingerprint: engine.fingerprint, threads: inputs.recipe.engine.threads ?? engine.threads };
    }
    signal.throwIfAborted();
    if (performance.now() > deadline) {
      throw cliError('CLI_NO_TRAINER', { seconds: SERVICES_WAIT_MS / 1000, present: services.length });
    }
    if (!told) onWaiting('waiting for the services');
    told = true;
    await pause(POLL_MS);
  }
}

async function pullArtifact(
  { hub, signal, logger }: HubWish,
  client: HubClient,
  { store, digest }: { readonly store: BlobStore; readonly digest: string },
): Promise<Uint8Array> {
  const services = await client.services();
  const urls = services
    .toSorted((a, b) => Number(canEncode(b)) - Number(canEncode(a)))
    .flatMap(({ dataUrl }) => (dataUrl === undefined ? [] : [dataUrl]));
  await pullBlobs({ urls, store, token: hub.token, digests: [digest], signal, logger });
  return store.get(digest, { verify: true });
}

function canEncode({ kinds = [] }: { readonly kinds?: readonly string[] }): boolean {
  return kinds.includes('encode');
}

/** Tells the hub; it tells the service, which checkpoints. */
async function stopRun({ hub, remote, folder }: HubWish, id: string): Promise<void> {
  const client = new HubClient(hub);
  // Refused for a run that has ended by itself in the meantime.
  await client.steer(id, 'stop').catch(() => undefined);
  if (remote) await copyLog(client, id, folder);
}

/** Never rejects: this process leaves in any case, and the log says what became of the run. */
async function inTime(work: Promise<void>): Promise<void> {
  await Promise.race([work.catch(() => undefined), pause(STOP_WAIT_MS, undefined, { ref: false })]);
}

function orFailed<T>({ failed }: HubWish, work: Promise<T>): Promise<T> {
  return failed ? Promise.race([work, failed]) : work;
}

function plain(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
