/** A run's file for a browser: pulled from whoever has it into a folder of its own, in bounded memory, passed on, and forgotten. */
import type { Logger } from '@espalier/base';
import { BlobStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';
import { pullBlobs } from '@espalier/transport';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { coordinatorError } from '../../errors';
import type { RunState } from '../../fold-run';

export interface ArtifactSources {
  readonly dir: string;
  /** Stores that are connected now. */
  dataUrls(): readonly string[];
  /** For the services' stores. */
  readonly token: string;
  readonly logger: Logger;
}

export interface Artifact extends AsyncDisposable {
  /** As a browser should name it. */
  readonly file: string;
  readonly bytes: number;
  stream(): AsyncGenerator<Uint8Array>;
}

/** @throws COORDINATOR_NO_ARTIFACT for a run that is not that far, TRANSPORT_* when nobody who is connected has it */
export async function openArtifact(
  { id, name, finished, dataUrls }: RunState,
  sources: ArtifactSources,
): Promise<Artifact> {
  const digest: Digest | undefined = finished.findLast(({ spec }) => spec.kind === 'encode')?.result.outputs[
    'artifact'
  ]?.digest;
  if (digest === undefined) {
    const hint = 'it is there when the run has encoded what it kept';
    throw coordinatorError('COORDINATOR_NO_ARTIFACT', { run: id, of: 'yet', hint });
  }
  const { token, logger } = sources;
  const urls = [...new Set([...sources.dataUrls(), ...dataUrls])];
  return passingFile(sources.dir, name ?? id, async (folder) => {
    const store = await BlobStore.open(folder);
    await pullBlobs({ urls, store, token, digests: [digest], logger });
    return digest;
  });
}

/** Where files lie while they are passed on: a folder each. */
const PASSING_FOLDER = ['.store', 'passing'] as const;

/** Those of a coordinator that was killed. */
export function removePassing(dir: string): Promise<void> {
  return rm(join(dir, ...PASSING_FOLDER), { recursive: true, force: true });
}

/** @param bring puts the file into a store in that folder, which it leaves to us then */
export async function passingFile(
  dir: string,
  name: string,
  bring: (folder: string) => Promise<Digest>,
): Promise<Artifact> {
  const parent = join(dir, ...PASSING_FOLDER);
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'artifact-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const digest = await bring(folder);
    const store = await BlobStore.open(folder);
    return {
      file: `${name.replace(/[^A-Za-z0-9._-]+/g, '-')}.espalier`,
      bytes: (await store.size(digest)) ?? 0,
      stream: () => store.stream(digest),
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
