/** An .espalier file, read and decoded. */
import { decodeArtifact, type DecodedArtifact } from '@espalier/encoding';
import { readInput } from './files';

export interface ArtifactFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly artifact: DecodedArtifact;
}

/** @throws CLI_FILE, ARTIFACT_* */
export function openArtifactFile(file: string): ArtifactFile {
  const bytes = readInput(file);
  return { file, bytes, artifact: decodeArtifact(bytes) };
}
