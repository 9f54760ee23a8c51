/** Pulls a network and codes it, in a process of its own: see `round-file.ts`. It ends when its parent has what it made, or is gone. */
import { errorCode, errorMessage, silentLogger } from '@espalier/base';
import { runAsChild } from '@espalier/service-kit';
import { inputsOf, runStage, type StageSpec } from '@espalier/stages';
import { BlobStore, RecordStore } from '@espalier/store';
import { isParameterName, type Digest } from '@espalier/tensor';
import { pullSnapshot } from '@espalier/transport';
import { rm } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';
import { join } from 'node:path';

export interface RoundFileTask {
  /** The file's store; removed by the parent. */
  readonly folder: string;
  /** Stores that may have the network. */
  readonly urls: readonly string[];
  readonly token: string;
  /** An `encode`. */
  readonly spec: StageSpec;
}

export type RoundFileMade =
  { readonly digest: Digest } | { readonly code: string | undefined; readonly message: string };

/** Somebody waits for a file; the runs of this machine wait for their stages. */
const NICENESS = 10;

void runAsChild('the coding of a round', async (settings) => {
  const made = await code(settings as RoundFileTask).catch((error: unknown) => ({
    code: errorCode(error),
    message: errorMessage(error),
  }));
  return { ready: made, ended: new Promise<never>(() => undefined), stop: async () => undefined };
});

async function code({ folder, urls, token, spec }: RoundFileTask): Promise<RoundFileMade> {
  // Who is nicer already may not take that back.
  setPriority(Math.max(getPriority(), NICENESS));
  const coding = join(folder, 'coding');
  const store = await BlobStore.open(coding);
  for (const { digest: id } of inputsOf(spec)) {
    // Masks and the optimizer's state, which are twice as much again, stand in no file.
    await pullSnapshot({ urls, store, token, id, only: isParameterName, logger: silentLogger });
  }
  const { outputs } = await runStage(spec, {
    store,
    cache: await RecordStore.open(join(coding, 'cache')),
    emit: () => undefined,
    signal: new AbortController().signal,
    logger: silentLogger,
    threads: 1,
    checkpointSeconds: Infinity,
  });
  const { digest } = outputs['artifact'];
  const made = await BlobStore.open(folder);
  await made.putStream(store.stream(digest), { expected: digest });
  // While the file is passed on, which may take long, nothing else of it lies here.
  await rm(coding, { recursive: true });
  return { digest };
}
