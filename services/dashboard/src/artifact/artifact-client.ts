/** The page's end of the thread that decodes a file. */
import type { ArtifactAnswer } from './open-artifact';

export type OpenedArtifact = Extract<ArtifactAnswer, { readonly kind: 'opened' }>;

/** What is used of a Worker. */
export interface Thread {
  postMessage(bytes: Uint8Array): void;
  onmessage: ((event: { readonly data: ArtifactAnswer }) => void) | null;
  onerror: ((event: { readonly message?: string }) => void) | null;
  terminate(): void;
}

export class ArtifactProblem extends Error {
  /** The file's own error, as `docs/errors.md` lists them, where there is one. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.name = 'ArtifactProblem';
    this.code = code;
  }
}

export class ArtifactClient {
  readonly #start: () => Thread;
  #end: ((problem: ArtifactProblem) => void) | undefined;

  constructor(start: () => Thread) {
    this.#start = start;
  }

  /** Whatever is still being decoded is given up. Rejects with an ArtifactProblem. */
  async open(bytes: Uint8Array): Promise<OpenedArtifact> {
    this.close();
    const answer = await this.#decoded(bytes);
    if (answer.kind === 'opened') return answer;
    throw new ArtifactProblem(answer.message, answer.code);
  }

  close(): void {
    this.#end?.(new ArtifactProblem('another file was opened'));
  }

  /** Each file has a thread of its own, which ends with its answer: so the memory that it took goes, too. */
  #decoded(bytes: Uint8Array): Promise<ArtifactAnswer> {
    const thread = this.#start();
    return new Promise<ArtifactAnswer>((resolve, reject) => {
      this.#end = reject;
      thread.onmessage = ({ data }) => resolve(data);
      thread.onerror = ({ message }) =>
        reject(new ArtifactProblem(message ?? 'the thread that decodes could not be started'));
      thread.postMessage(bytes);
    }).finally(() => thread.terminate());
  }
}
