/** Runs the conformance kit over a plugin's module in a process of its own: what hangs or crashes there is a check that failed. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { CheckOutcome } from '@espalier/plugin-api/testing';
import { CHILD_LOADER } from '../installation';
import type { KitMessage } from './kit-messages';

/** A plugin that ends its process in every check is started again no more often. */
const MAX_RESTARTS = 10;

export interface RunKitOptions {
  readonly folder: string;
  /** The file of the module. */
  readonly module: string;
  readonly seed: number;
  /** Seconds without a word after which a check hangs. */
  readonly patience: number;
  onOutcome?(outcome: CheckOutcome): void;
}

export interface KitResult {
  readonly name?: string;
  readonly version?: string;
  readonly checks: readonly CheckOutcome[];
}

type Started = Extract<KitMessage, { kind: 'start' }>;

export async function runKit(options: RunKitOptions): Promise<KitResult> {
  const checks: CheckOutcome[] = [];
  const add = (outcome: CheckOutcome): void => {
    checks.push(outcome);
    options.onOutcome?.(outcome);
  };
  for (let restarts = 0; restarts <= MAX_RESTARTS; restarts++) {
    const end = await oneProcess(options, checks.length, add);
    if (end.kind === 'done') return { name: end.name, version: end.version, checks };
    add(end.outcome);
    // What comes after the check that ended the process is still tried.
    if (end.kind === 'broken') break;
  }
  return { checks };
}

type End =
  | { readonly kind: 'done'; readonly name: string; readonly version: string }
  | { readonly kind: 'cut' | 'broken'; readonly outcome: CheckOutcome };

function oneProcess(
  { folder, module, seed, patience }: RunKitOptions,
  skip: number,
  add: (outcome: CheckOutcome) => void,
): Promise<End> {
  const child = fork(
    CHILD_LOADER,
    [join(__dirname, 'kit-process.ts'), folder, module, `${seed}`, `${skip}`],
    {
      cwd: folder,
      execArgv: ['--expose-gc'],
      // What the plugin prints must not come between the lines of a result.
      stdio: ['ignore', 2, 2, 'ipc'],
    },
  );
  return new Promise((resolve) => {
    let current: Started | undefined;
    let end: End | undefined;
    let hangs = false;
    const hang = (): void => {
      hangs = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(hang, patience * 1000);
    child.on('message', (message: KitMessage) => {
      clearTimeout(timer);
      timer = setTimeout(hang, patience * 1000);
      if (message.kind === 'start') current = message;
      else if (message.kind === 'outcome') add(message.outcome);
      else if (message.kind === 'done') end = message;
      else end = { kind: 'broken', outcome: outcomeOf(LOADING, message.problem) };
    });
    child.once('error', () => undefined);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      const problem = hangs
        ? `nothing was heard of it for ${patience} s; it was ended: a loop without an end?`
        : `its process ended ${how}`;
      resolve(end ?? { kind: current ? 'cut' : 'broken', outcome: outcomeOf(current ?? LOADING, problem) });
    });
  });
}

const LOADING = {
  of: 'plugin',
  name: 'can be loaded',
  advice: 'package.json must name its module in "main", and that must load: try `node` with that file.',
} as const;

function outcomeOf(
  { of, name, advice }: { readonly of: string; readonly name: string; readonly advice: string },
  problem: string,
): CheckOutcome {
  return { of, name, advice, problem, passed: false, seconds: 0 };
}
