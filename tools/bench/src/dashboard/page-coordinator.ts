/** A coordinator in a process of its own, that can be killed and started again where it was. */
import { newToken } from '@espalier/transport';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { endingWithUs } from '../children';
import { benchError } from '../errors';
import { CHILD_LOADER, ROOT } from '../places';

const ENTRY = join(ROOT, 'services/coordinator/src/main.ts');

export interface CoordinatorAddress {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly hubUrl: string;
  readonly port: number;
}

export class PageCoordinator implements AsyncDisposable {
  readonly #dir: string;
  readonly #allowedOrigins: readonly string[];
  readonly token = newToken();
  readonly viewerToken = newToken();
  #child: ChildProcess | undefined;
  #address: CoordinatorAddress | undefined;

  /** @param dir the runs folder; `allowedOrigins`: of a proxy that the page is opened through */
  constructor(dir: string, allowedOrigins: readonly string[] = []) {
    this.#dir = dir;
    this.#allowedOrigins = allowedOrigins;
  }

  get address(): CoordinatorAddress {
    if (!this.#address) throw new Error('the coordinator was not started');
    return this.#address;
  }

  /** The link that a person would open. */
  linkFor(token: string): string {
    return `${this.address.url}/#token=${token}`;
  }

  /** On a free port; the second time on the same one. @throws BENCH_CHILD */
  async start(): Promise<void> {
    const settings = {
      dir: this.#dir,
      tokens: [this.token, { token: this.viewerToken, scopes: ['viewer'] }],
      port: this.#address?.port ?? 0,
      allowedOrigins: this.#allowedOrigins,
    };
    const child = endingWithUs(
      spawn(process.execPath, [CHILD_LOADER, ENTRY], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, ESPALIER_SERVICE: JSON.stringify(settings) },
      }),
    );
    this.#child = child;
    this.#address = await new Promise<CoordinatorAddress>((resolve, reject) => {
      child.on('message', ({ ready }: { ready: CoordinatorAddress }) => resolve(ready));
      child.once('exit', (code) =>
        reject(benchError('BENCH_CHILD', { command: 'coordinator', how: `exit code ${code}` })),
      );
    });
  }

  /** As a power cut would: nothing is said to anybody. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
