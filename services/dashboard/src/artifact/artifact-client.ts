/** The page's end of the worker that decodes and runs a file. */
import type { ArtifactAnswer, ArtifactRequest } from './artifact-worker';
import type { OpenedFile } from './opened-file';

/** What is used of a Worker. */
export interface Thread {
  postMessage(request: ArtifactRequest): void;
  onmessage: ((event: { readonly data: ArtifactAnswer }) => void) | null;
  onerror: ((event: { readonly message?: string }) => void) | null;
  terminate(): void;
}

/** The code of the file's own error, as `docs/errors.md` lists them, where there is one. */
export class ArtifactProblem extends Error {
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.name = 'ArtifactProblem';
    this.code = code;
  }
}

interface Waiting {
  resolve(answer: ArtifactAnswer): void;
  reject(problem: ArtifactProblem): void;
}

export class ArtifactClient {
  readonly #start: () => Thread;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Thread | undefined;
  #next = 0;

  constructor(start: () => Thread) {
    this.#start = start;
  }

  /** Whatever is still being decoded is given up. Rejects with an ArtifactProblem. */
  async open(bytes: Uint8Array): Promise<OpenedFile> {
    this.close();
    const answer = await this.#ask({ kind: 'open', bytes });
    if (answer.kind === 'opened') return answer.file;
    throw problemOf(answer);
  }

  /** @param input one sample, pixels from 0 to 1 */
  async run(input: Float32Array): Promise<Float32Array> {
    const answer = await this.#ask({ kind: 'run', input });
    if (answer.kind === 'logits') return answer.logits;
    throw problemOf(answer);
  }

  close(): void {
    this.#thread?.terminate();
    this.#thread = undefined;
    this.#giveUp('another file was opened');
  }

  #ask(
    request:
      | { readonly kind: 'open'; readonly bytes: Uint8Array }
      | { readonly kind: 'run'; readonly input: Float32Array },
  ): Promise<ArtifactAnswer> {
    const thread = (this.#thread ??= this.#started());
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.postMessage({ ...request, id });
    });
  }

  #started(): Thread {
    const thread = this.#start();
    thread.onmessage = ({ data }) => {
      this.#waiting.get(data.id)?.resolve(data);
      this.#waiting.delete(data.id);
    };
    thread.onerror = ({ message }) => this.#giveUp(message ?? 'the thread that decodes could not be started');
    return thread;
  }

  #giveUp(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new ArtifactProblem(message));
    this.#waiting.clear();
  }
}

function problemOf(answer: ArtifactAnswer): ArtifactProblem {
  return answer.kind === 'failed'
    ? new ArtifactProblem(answer.message, answer.code)
    : new ArtifactProblem(`the thread that decodes answered "${answer.kind}"`);
}
