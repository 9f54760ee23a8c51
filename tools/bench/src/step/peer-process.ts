/** A process that trains when it is told to, and is idle in between: peers take turns on the same cores. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { endingWithUs } from '../children';
import { benchError } from '../errors';
import { CHILD_LOADER, ROOT } from '../places';
import type { Answer, Question } from './answer';
import type { StepPeerName } from './cases';

const FOLDER = join(ROOT, 'tools/bench/src/step');

export interface PeerOptions {
  readonly peer: StepPeerName;
  /** The case's files. */
  readonly folder: string;
  readonly threads: number;
  /** With torch in it. */
  readonly python: string;
}

export class StepPeer implements AsyncDisposable {
  private constructor(
    readonly name: StepPeerName,
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: Interface,
  ) {}

  /** Resolves when it has read its weights and data. @throws BENCH_CHILD */
  static async start(options: PeerOptions): Promise<StepPeer> {
    const [command, ...args] = commandOf(options);
    // OpenMP's idle threads must sleep: spinning, they would take the cores from whose turn it is.
    const env = { ...process.env, OMP_WAIT_POLICY: 'PASSIVE', OMP_NUM_THREADS: String(options.threads) };
    const child = endingWithUs(spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env }));
    const peer = new StepPeer(options.peer, child, createInterface(child.stdout));
    await peer.nextLine();
    return peer;
  }

  /** @throws BENCH_CHILD */
  async ask(question: Question): Promise<Answer> {
    this.child.stdin.write(`${JSON.stringify(question)}\n`);
    return JSON.parse(await this.nextLine()) as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, 'close');
    this.child.stdin.end();
    await closed;
  }

  private async nextLine(): Promise<string> {
    const ended = new AbortController();
    const { signal } = ended;
    try {
      const line = once(this.lines, 'line', { signal }).then(([text]) => text as string);
      const end = once(this.child, 'close', { signal }).then(([code, by]): never => {
        throw benchError('BENCH_CHILD', {
          command: `bench step, ${this.name}`,
          how: `${by ?? `exit code ${code}`}`,
        });
      });
      return await Promise.race([line, end]);
    } finally {
      ended.abort();
    }
  }
}

function commandOf({ peer, folder, threads, python }: PeerOptions): [string, ...string[]] {
  const rest = [folder, String(threads)];
  const node = (script: string, ...more: string[]): [string, ...string[]] => [
    process.execPath,
    CHILD_LOADER,
    join(FOLDER, script),
    ...rest,
    ...more,
  ];
  switch (peer) {
    case 'espalier':
      return node('engine-peer.ts', 'auto');
    case 'espalier-graph':
      return node('engine-peer.ts', 'compiled');
    case 'espalier-eager':
      return node('engine-peer.ts', 'eager');
    case 'tfjs':
      return node('tfjs-peer.ts');
    case 'torch':
      return [python, join(FOLDER, 'torch_peer.py'), ...rest, 'plain'];
    case 'torch-masked':
      return [python, join(FOLDER, 'torch_peer.py'), ...rest, 'masked'];
  }
}
