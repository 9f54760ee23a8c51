/** Decodes a file and runs its network, on a thread of its own: a large one takes seconds, and the page stays alive. */
import { errorCode, errorMessage } from '@espalier/base';
import { decodeArtifact } from '@espalier/encoding';
import { createModel, type Model } from '@espalier/inference';
import { openedFile, type OpenedFile } from './opened-file';

export type ArtifactRequest =
  | { readonly id: number; readonly kind: 'open'; readonly bytes: Uint8Array }
  | { readonly id: number; readonly kind: 'run'; readonly input: Float32Array };

export type ArtifactAnswer =
  | { readonly id: number; readonly kind: 'opened'; readonly file: OpenedFile }
  | { readonly id: number; readonly kind: 'logits'; readonly logits: Float32Array }
  | { readonly id: number; readonly kind: 'failed'; readonly code?: string; readonly message: string };

/** AlexNet has 61 million weights; beyond, a page's memory ends. */
const LIMITS = { maxElements: 2 ** 26 };

/** @returns what answers one request after the other */
export function artifactWorker(): (request: ArtifactRequest) => Promise<ArtifactAnswer> {
  let model: Model | undefined;
  const carryOut = async (request: ArtifactRequest): Promise<ArtifactAnswer> => {
    const { id } = request;
    if (request.kind === 'run') {
      if (!model) throw new Error('no file is open');
      return { id, kind: 'logits', logits: model.run(request.input) };
    }
    const decoded = decodeArtifact(request.bytes, LIMITS);
    model?.dispose();
    model = await createModel(decoded);
    return { id, kind: 'opened', file: openedFile(request.bytes.length, decoded, model.plan.backend) };
  };
  return (request) =>
    carryOut(request).catch((error: unknown): ArtifactAnswer => {
      const code = errorCode(error);
      return { id: request.id, kind: 'failed', message: errorMessage(error), ...(code && { code }) };
    });
}
