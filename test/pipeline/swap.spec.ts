/**
 * Runs by real processes whose criterion is swapped by `espalier swap`: to another of ours, to plugins in folders, and to what is not let in.
 * They are paused for each swap, so that the rounds in which they take effect do not depend on the machine's speed.
 */
import { digestFolder } from '@espalier/plugin-host';
import { readRunLog } from '@espalier/store';
import { sha256 } from '@espalier/tensor/digest';
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

const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'tools/cli/bin/espalier.cjs');
const LOOK_MS = 50;
/** Four runs of seconds each; a machine that does much else at the same time must not fail them. */
const TIMEOUT_MS = 1_800_000;

const RECIPE = `version: 1
name: swapped
network: lenet-300-100
data: { format: mnist, heldOut: 59000 }
engine: { threads: 1 }
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

let folder: string;
const children = new Set<ChildProcess>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'espalier-swap-'));
  writeFileSync(join(folder, 'recipe.yaml'), RECIPE);
  writePlugin('cubed', PLUGIN);
  for (const [name, criteria] of Object.entries(OTHERS)) {
    const definition = `{ name: '${name}', version: '1.0.0', host: '^1.0.0', criteria: { ${criteria} } }`;
    writePlugin(name.replace('espalier-plugin-', ''), `module.exports = ${definition};\n`);
  }
});
afterAll(async () => {
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
function processesOf(short: string): number {
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

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function espalier(...args: readonly string[]): Promise<Ended> {
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

async function read(runs: string) {
  const [id] = existsSync(runs) ? readdirSync(runs).filter((name) => !name.startsWith('.')) : [];
  const file = id === undefined ? undefined : join(runs, id, 'events.jsonl');
  return file !== undefined && existsSync(file) ? readRunLog(file) : [];
}

async function until<T>(look: () => Promise<T | undefined>, running: Promise<Ended>): Promise<T> {
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
async function ask(runs: string, verb: string, body: unknown = {}): Promise<Answer> {
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

async function steer(runs: string, verb: string): Promise<void> {
  expect((await ask(runs, verb)).status).toBe(200);
}

async function pauseAfter(round: number, runs: string, running: Promise<Ended>): Promise<void> {
  const seen = async (): Promise<true | undefined> =>
    (await read(runs)).some(
      ({ type, fields }) => type === 'stage.started' && fields['title'] === `retrain ${round}`,
    ) || undefined;
  await until(seen, running);
  await steer(runs, 'pause');
}

/** @returns the round from which it holds */
async function swap(runs: string, ...args: readonly string[]): Promise<number> {
  const { code, out, err } = await espalier('swap', 'last', '--runs', runs, ...args);
  expect([code, err]).toEqual([0, '']);
  return (JSON.parse(out) as { round: number }).round;
}

/** Who scored each round, as the log has it. */
async function scoredIn(runs: string) {
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

it(
  'goes on by other criteria from the round that each swap said, and makes the same file again',
  async () => {
    const runs = join(folder, 'runs');
    const running = espalier('run', join(folder, 'recipe.yaml'), '--runs', runs);
    const swapAfter = async (round: number, ...args: readonly string[]): Promise<number> => {
      await pauseAfter(round, runs, running);
      const from = await swap(runs, ...args);
      await steer(runs, 'resume');
      return from;
    };
    const first = await swapAfter(1, '--criterion', 'taylor');
    const plugin = join(folder, 'cubed');
    const second = await swapAfter(first, '--criterion', 'cubed:power=3', '--plugin', plugin);
    const { code, out } = await running;
    expect(code).toBe(0);

    const scored = await scoredIn(runs);
    const expected = (round: number): string =>
      round >= second ? 'cubed' : round >= first ? 'taylor' : 'magnitude';
    expect(scored.map(({ round, by }) => [round, by?.criterion])).toEqual(
      [1, 2, 3, 4].map((round) => [round, expected(round)]),
    );
    expect(scored.at(-1)?.by?.digest).toMatch(/^[0-9a-f]{64}$/);

    const resolved = join((JSON.parse(out) as { folder: string }).folder, 'recipe.resolved.yaml');
    const again = await espalier('run', resolved, '--runs', join(folder, 'again'));
    expect(again.code).toBe(0);
    const digests = [out, again.out].map((text) => {
      const { folder: at } = JSON.parse(text) as { folder: string };
      return sha256(readFileSync(join(at, 'model.espalier')));
    });
    expect(digests[1]).toBe(digests[0]);
  },
  TIMEOUT_MS,
);

it(
  'keeps its criterion while another is not let in, and leaves no process of a plugin that another has replaced',
  async () => {
    const runs = join(folder, 'refused');
    const text = RECIPE.replace('criterion: magnitude, fallback: random', 'criterion: cubed').replace(
      'train:',
      'plugins: { espalier-plugin-cubed: { from: ./cubed } }\ntrain:',
    );
    writeFileSync(join(folder, 'refused.yaml'), text.replace('rounds: 4', 'rounds: 6'));
    const running = espalier('run', join(folder, 'refused.yaml'), '--runs', runs);
    await until(async () => processesOf('cubed') > 0 || undefined, running);
    await pauseAfter(1, runs, running);

    const wish = async (short: string, options = {}) => {
      const name = `espalier-plugin-${short}`;
      const digest = await digestFolder(join(folder, short));
      const entry = { from: `./${short}`, version: '1.0.0', digest, needs: { [short]: ['weights'] } };
      return { criterion: { name: `${name}/${short}`, options }, plugins: { [name]: entry } };
    };
    const refused = async (body: unknown) => (await ask(runs, 'swap', body)).body;
    expect(await refused(await wish('squared'))).toMatchObject({ code: 'PLUGIN_NOT_ALLOWED' });
    expect(await refused(await wish('cubed', { power: 0 }))).toMatchObject({ code: 'PLUGIN_OPTION' });
    expect(await refused(await wish('cubed', { powers: 2 }))).toMatchObject({
      code: 'PLUGIN_UNKNOWN_OPTION',
    });
    expect(await refused({ criterion: { name: 'squared', options: {} } })).toMatchObject({
      code: 'COORDINATOR_REQUEST',
    });
    // Its owner trusts it, so it is started.
    const { plugins: bad, criterion } = await wish('bad');
    const listed = JSON.parse(readFileSync(join(runs, '.store/plugins.json'), 'utf8')) as unknown[];
    const place = { name: 'espalier-plugin-bad', from: join(folder, 'bad') };
    writeFileSync(join(runs, '.store/plugins.json'), JSON.stringify([...listed, place]));
    const { code: why, message } = await refused({ criterion, plugins: bad });
    expect(why).toBe('PLUGIN_CANARY');
    expect(message).toMatch(/"bad".*NaN.*So says pruner.*; the run keeps the criterion that it has/);
    // With the options that it is to have: scores beyond all numbers.
    const byCommand = await espalier('swap', 'last', '--runs', runs, '--criterion', 'cubed:power=1000');
    expect([byCommand.code, byCommand.err]).toEqual([1, expect.stringContaining('PLUGIN_CANARY')]);
    expect((await read(runs)).map(({ type }) => type)).not.toContain('run.swapped');
    await until(async () => processesOf('bad') === 0 || undefined, running);

    const plugin = join(folder, 'squared');
    const first = await swap(runs, '--criterion', 'squared', '--plugin', plugin);
    await steer(runs, 'resume');
    await pauseAfter(first, runs, running);
    await until(async () => processesOf('cubed') === 0 || undefined, running);
    const second = await swap(runs, '--criterion', 'magnitude');
    await steer(runs, 'resume');
    await until(async () => processesOf('squared') === 0 || undefined, running);
    expect((await running).code).toBe(0);
    const expected = (round: number): string =>
      round >= second ? 'magnitude' : round >= first ? 'squared' : 'cubed';
    expect((await scoredIn(runs)).map(({ round, by }) => [round, by?.criterion])).toEqual(
      [1, 2, 3, 4, 5, 6].map((round) => [round, expected(round)]),
    );
  },
  TIMEOUT_MS,
);

it(
  'pauses a run whose plugin fails, says why, and goes on after a swap',
  async () => {
    const runs = join(folder, 'paused');
    const text = RECIPE.replace('criterion: magnitude, fallback: random', 'criterion: large')
      .replace('rounds: 4', 'rounds: 1')
      .replace('train:', 'plugins: { espalier-plugin-cubed: { from: ./cubed } }\ntrain:');
    writeFileSync(join(folder, 'paused.yaml'), text);
    const paused = await espalier('run', join(folder, 'paused.yaml'), '--runs', runs);
    expect(paused.code).toBe(1);
    expect(paused.err).toMatch(/CLI_RUN_PAUSED: .*PLUGIN_FAILED.*too large for me/);
    const swapped = await espalier('swap', 'last', '--runs', runs, '--criterion', 'cubed');
    expect([swapped.code, swapped.err]).toEqual([0, '']);
    expect(JSON.parse(swapped.out)).toMatchObject({ criterion: 'espalier-plugin-cubed/cubed', round: 1 });
    expect((await espalier('run', '--resume', 'last', '--runs', runs)).code).toBe(0);
  },
  TIMEOUT_MS,
);
