/** In the place of `plugin-stream.ts` in pages, which run no plugins: says what to do instead. */
import { encodingError } from '../errors';
import type { OpenedArtifact } from './container';

export const pluginStreams = (): never[] => [];

export function decodedByPlugin({ tensors }: OpenedArtifact, index: number): never {
  throw encodingError('ARTIFACT_DECODER', {
    name: tensors[index].name,
    codec: 'a plugin, and pages run none',
    advice: 'give createModel the weights that "espalier decode" writes',
  });
}
