/** What the tests of a swap share: a recipe and plugins to swap to, the program as a process, and how a run is steered and read. */
import { readRunLog } from '@espalier/store';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SMALL_MNIST, writeSmallMnist } from '../small-mnist';

const CLI = join(__dirname, '../../tools/cli/bin/espalier.cjs');
const LOOK_MS = 50;
/** Runs of seconds each; a machine that does much else at the same time must not fail them. */
export const TIMEOUT_MS = 1_800_000;

export const RECIPE = `version: 1
name: swapped
network: lenet-300-100
${SMALL_MNIST}engine: { threads: 1 }
train: { epochs: 1, learningRate: { kind: constant, base: 1.0e-3 } }
prune: { criterion: magnitude, fallback: random, keep: { global: 0.08 }, schedule: { kind: cubic, rounds: 4 } }
retrain: { epochs: 1, learningRate: { kind: constant, base: 1.0e-3 } }
share: { bits: 3 }
`;
const PLUGIN = `'use strict';
module.exports = {
  name: 'espalier-plugin-cubed',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    cubed: {
      needs: ['weights'],
      options: { power: { type: 'number', default: 2, minimum: 1, description: 'The exponent.' } },
      score: ({ weights, options }) => weights.map((w) => Math.abs(w) ** options.power),
    },
    large: {
      needs: ['weights'],
      score: ({ weights }) => {
        if (weights.length > 100000) throw new Error('too large for me');
        return weights.map(Math.abs);
      },
    },
  },
};
`;

const OTHERS = {
  'espalier-plugin-squared':
    "squared: { needs: ['weights'], score: ({ weights }) => weights.map((w) => w * w) }",
  'espalier-plugin-bad': "bad: { needs: ['weights'], score: ({ weights }) => weights.map(() => NaN) }",
};

/** The recipe, the data and the plugins. */
export const folder = mkdtempSync(join(tmpdir(), 'espalier-swap-'));
const children = new Set<ChildProcess>();
beforeAll(() => {
  writeSmallMnist(folder);
  writeFileSync(join(folder, 'recipe.yaml'), RECIPE);
  writePlugin('cubed', PLUGIN);
  for (const [name, criteria] of Object.entries(OTHERS)) {
    const definition = `{ name: '${name}', version: '1.0.0', host: '^1.0.0', criteria: { ${criteria} } }`;
    writePlugin(name.replace('espalier-plugin-', ''), `module.exports = ${definition};\n`);
  }
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function writePlugin(short: string, code: string): void {
  mkdirSync(join(folder, short));
  const pack = { name: `espalier-plugin-${short}`, version: '1.0.0', main: 'index.js' };
  writeFileSync(join(folder, short, 'package.json'), JSON.stringify(pack));
  writeFileSync(join(folder, short, 'index.js'), code);
}

/** How many processes run that plugin. */
export function processesOf(short: string): number {
  const file = join(folder, short, 'index.js');
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0').includes(file);
    } catch {
      // It has just ended.
      return false;
    }
  }).length;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export function espalier(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (err += part.toString()));
  return once(child, 'close').then(([code]) => {
    children.delete(child);
    return { code: code as number | null, out, err };
  });
}

export async function read(runs: string) {
  const [id] = existsSync(runs) ? readdirSync(runs).filter((name) => !name.startsWith('.')) : [];
  const file = id === undefined ? undefined : join(runs, id, 'events.jsonl');
  return file !== undefined && existsSync(file) ? readRunLog(file) : [];
}

export async function until<T>(look: () => Promise<T | undefined>, running: Promise<Ended>): Promise<T> {
  let ended: Ended | undefined;
  void running.then((how) => (ended = how));
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (ended) throw new Error(`the run has ended: ${ended.err}`);
    await pause(LOOK_MS);
  }
}

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly message?: string };
}

/** Asks the hub of that folder, by the token that it left for its owner. */
export async function ask(runs: string, verb: string, body: unknown = {}): Promise<Answer> {
  const { url, steerToken } = JSON.parse(readFileSync(join(runs, '.store/hub.json'), 'utf8')) as {
    readonly url: string;
    readonly steerToken: string;
  };
  const [id] = readdirSync(runs).filter((name) => !name.startsWith('.'));
  const answer = await fetch(`${url}/api/runs/${id}/${verb}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${steerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

export async function steer(runs: string, verb: string): Promise<void> {
  expect((await ask(runs, verb)).status).toBe(200);
}

export async function pauseAfter(round: number, runs: string, running: Promise<Ended>): Promise<void> {
  const seen = async (): Promise<true | undefined> =>
    (await read(runs)).some(
      ({ type, fields }) => type === 'stage.started' && fields['title'] === `retrain ${round}`,
    ) || undefined;
  await until(seen, running);
  await steer(runs, 'pause');
}

/** @returns the round from which it holds */
export async function swap(runs: string, ...args: readonly string[]): Promise<number> {
  const { code, out, err } = await espalier('swap', 'last', '--runs', runs, ...args);
  expect([code, err]).toEqual([0, '']);
  return (JSON.parse(out) as { round: number }).round;
}

/** Who scored each round, as the log has it. */
export async function scoredIn(runs: string) {
  return (await read(runs)).flatMap(({ type, fields }) => {
    const { spec, result } = fields as {
      spec?: { kind: string; round: number };
      result?: { metrics: { scoredBy?: { criterion: string; digest?: string } } };
    };
    return type === 'stage.done' && spec?.kind === 'prune'
      ? [{ round: spec.round, by: result?.metrics.scoredBy }]
      : [];
  });
}
