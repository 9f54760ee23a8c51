/** `espalier serve` as a person starts it, and runs that are given to it: five real processes with a page. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endingWithUs } from '../children';
import { benchError } from '../errors';
import { CLI_SCRIPT, ROOT } from '../places';

export type ServedProcess = 'coordinator' | 'trainer' | 'pruner' | 'retrainer' | 'encoder';

interface Announced {
  readonly url: string;
  readonly link: string;
  readonly viewerLink: string;
  readonly pids: Readonly<Record<ServedProcess, number>>;
}

export interface ServedRun {
  /** As soon as the hub has taken it. */
  readonly id: Promise<string>;
  /** The run's own folder, when it is done. @throws BENCH_CHILD */
  readonly done: Promise<string>;
}

export class ServedDashboard implements AsyncDisposable {
  readonly url: string;
  /** As they are printed for people: to steer, and to look on. */
  readonly link: string;
  readonly viewerLink: string;
  /** That services have, and whoever gives it runs. */
  readonly token: string;
  readonly pids: Announced['pids'];
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #said: string[];

  private constructor(
    folder: string,
    { url, link, viewerLink, pids }: Announced,
    { child, said }: { child: ChildProcess; said: string[] },
  ) {
    this.#folder = folder;
    this.#child = child;
    this.#said = said;
    this.url = url;
    this.link = link;
    this.viewerLink = viewerLink;
    this.pids = pids;
    this.token = readFileSync(this.#tokenFile, 'utf8').trim();
  }

  /** @param folder for runs; `more` are options of `espalier serve`. @throws BENCH_CHILD */
  static async start(folder: string, more: readonly string[] = []): Promise<ServedDashboard> {
    mkdirSync(folder, { recursive: true });
    const args = ['serve', '--runs', folder, '--token-file', tokenFileOf(folder), '--json', ...more];
    const child = endingWithUs(
      spawn(process.execPath, [CLI_SCRIPT, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    const said: string[] = [];
    child.stderr.on('data', (part: Buffer) => said.push(part.toString()));
    const announced = await new Promise<Announced>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (part: Buffer) => {
        text += part.toString();
        if (text.trimEnd().endsWith('}')) resolve(JSON.parse(text) as Announced);
      });
      child.once('exit', (code) => {
        const command = ['espalier', ...args].join(' ');
        reject(benchError('BENCH_CHILD', { command, how: `code ${code}: ${said.join('')}` }));
      });
    });
    return new ServedDashboard(folder, announced, { child, said });
  }

  /** What its processes have written to the terminal. */
  said(): string {
    return this.#said.join('');
  }

  /** Gives it a recipe, as `espalier run --hub` does. */
  run(recipe: string, more: readonly string[] = []): ServedRun {
    const hub = this.url.replace(/^http/, 'ws');
    const runs = `${this.#folder}-collected`;
    const place = ['--hub', hub, '--token-file', this.#tokenFile, '--runs', runs];
    const args = ['run', recipe, ...place, ...more];
    const child = endingWithUs(
      spawn(process.execPath, [CLI_SCRIPT, ...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] }),
    );
    let text = '';
    let found: (id: string) => void = () => undefined;
    const id = new Promise<string>((resolve) => (found = resolve));
    child.stderr.on('data', (part: Buffer) => {
      text += part.toString();
      const match = /^run (\S+):/m.exec(text);
      if (match) found(match[1]);
    });
    const done = new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => {
        const command = ['espalier', ...args].join(' ');
        if (code !== 0) return reject(benchError('BENCH_CHILD', { command, how: `code ${code}: ${text}` }));
        id.then((run) => resolve(join(runs, run)), reject);
      });
    });
    // Whoever waits for it hears of it; until then nobody may.
    done.catch(() => undefined);
    return { id, done };
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>('GET', path);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.#call<T>('POST', path, JSON.stringify(body));
  }

  async #call<T>(method: string, path: string, body?: string): Promise<T> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const response = await fetch(`${this.url}${path}`, { method, headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered by ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  get #tokenFile(): string {
    return tokenFileOf(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGINT');
    await gone;
  }
}

/** Beside the folder: what lies in it is the services' own. */
function tokenFileOf(folder: string): string {
  return `${folder}-token`;
}
