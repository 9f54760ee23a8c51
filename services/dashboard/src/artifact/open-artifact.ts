/** Decodes a file on a thread of its own: a large one takes seconds, and the page stays alive. */
import { errorCode, errorMessage } from '@espalier/base';
import { decodeArtifact, type DecodedArtifact } from '@espalier/encoding';
import { createModel, type KernelName, type ModelSource } from '@espalier/inference';
import { openedFile, readsDigits, type OpenedFile } from './opened-file';

/** What a digit's answer comes from. It is a few thousand weights, which the page runs itself: a thread would only add its way there. */
export interface DigitNetwork {
  readonly source: ModelSource;
  /** By layer, as they were measured here: the page measures nothing. */
  readonly kernels: Readonly<Record<string, KernelName>>;
}

export type ArtifactAnswer =
  | { readonly kind: 'opened'; readonly file: OpenedFile; readonly digits?: DigitNetwork }
  | { readonly kind: 'failed'; readonly code?: string; readonly message: string };

/** AlexNet has 61 million weights; beyond, a page's memory ends. */
const LIMITS = { maxElements: 2 ** 26 };

export async function openArtifact(bytes: Uint8Array): Promise<ArtifactAnswer> {
  try {
    const decoded = decodeArtifact(bytes, LIMITS);
    const file = openedFile(bytes.length, decoded);
    return { kind: 'opened', file, ...(readsDigits(decoded.network) && { digits: await digits(decoded) }) };
  } catch (error) {
    const code = errorCode(error);
    return { kind: 'failed', message: errorMessage(error), ...(code && { code }) };
  }
}

async function digits({ network, tensors, shared }: DecodedArtifact): Promise<DigitNetwork> {
  const source: ModelSource = { network, tensors, shared };
  const model = await createModel(source);
  const kernels: Record<string, KernelName> = {};
  for (const { layer, kernel, chosen } of model.plan.layers)
    if (chosen) kernels[layer] = kernel as KernelName;
  model.dispose();
  return { source, kernels };
}
