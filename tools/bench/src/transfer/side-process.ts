/** The parent's end of a side: a child process that is asked over IPC and dies with its parent. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { endingWithUs } from '../children';
import { benchError } from '../errors';
import { CHILD_LOADER, ROOT } from '../places';
import type { SideAsks, SideSays } from './side';

const SCRIPT = join(ROOT, 'tools/bench/src/transfer/side.ts');

export class SideProcess implements AsyncDisposable {
  private readonly child: ChildProcess;
  private readonly ended: Promise<string>;

  constructor(private readonly name: string) {
    this.child = endingWithUs(
      spawn(process.execPath, [CHILD_LOADER, SCRIPT], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      this.child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /** @throws BENCH_CHILD when it says that something went wrong, or ends. */
  async ask(asked: SideAsks): Promise<SideSays> {
    const abort = new AbortController();
    const answer = once(this.child, 'message', { signal: abort.signal }) as Promise<[SideSays]>;
    // Of the two promises the one that loses is of no interest.
    answer.catch(() => undefined);
    this.child.send(asked);
    const says = await Promise.race([
      answer.then(([message]) => message),
      this.ended.then((how): SideSays => ({ error: how })),
    ]);
    abort.abort();
    if (says.error !== undefined) throw benchError('BENCH_CHILD', { command: this.name, how: says.error });
    return says;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    await this.ended;
  }
}
