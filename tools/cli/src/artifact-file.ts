/** An .espalier file, read and decoded. */
import { decodeArtifact, type DecodedArtifact } from '@espalier/encoding';
import type { Command } from 'commander';
import { decodedByPlugins } from './artifact-plugins';
import { readInput } from './files';

export interface ArtifactFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly artifact: DecodedArtifact;
}

export interface ArtifactFileOptions {
  /** Plugins that may be started to decode tensors: folders, or installed packages. */
  readonly plugin?: readonly string[];
}

/** Adds the option that says what a file's tensors may be decoded by. */
export function withPluginOption(command: Command): Command {
  return command.option(
    '--plugin <from>',
    'a plugin that may be started to decode the file: its folder or installed package; again for more',
    (from: string, before: readonly string[]) => [...before, from],
    [],
  );
}

/** @throws CLI_FILE, ARTIFACT_*, PLUGIN_* */
export async function openArtifactFile(
  file: string,
  { plugin = [] }: ArtifactFileOptions = {},
): Promise<ArtifactFile> {
  const bytes = readInput(file);
  return { file, bytes, artifact: decodeArtifact(bytes, undefined, await decodedByPlugins(bytes, plugin)) };
}
