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
  if (digest === undefined) throw coordinatorError('COORDINATOR_NO_ARTIFACT', { run: id });
  const parent = join(sources.dir, '.store', 'passing');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'artifact-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const store = await BlobStore.open(folder);
    const urls = [...new Set([...sources.dataUrls(), ...dataUrls])];
    await pullBlobs({ urls, store, token: sources.token, digests: [digest], logger: sources.logger });
    return {
      file: `${(name ?? id).replace(/[^A-Za-z0-9._-]+/g, '-')}.espalier`,
      bytes: (await store.size(digest)) ?? 0,
      stream: () => store.stream(digest),
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
