#!/usr/bin/env node
/** Bench `growth`: time and memory of each stage from 10^5 to 10^8 weights, each in a process of its own; a table and a plot. */
import { newToken } from '@espalier/transport';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { benchMain, note, numbers, wholeNumber, type BenchValues } from './bench-main';
import { endingWithUs } from './children';
import { circumstances } from './circumstances';
import { benchError } from './errors';
import { growthChart } from './growth/chart';
import { GROWTH_STAGES, type GrowthPoint, type GrowthResults, type GrowthStage } from './growth/results';
import { BITS, KEPT_SHARE } from './growth/settings';
import type { ServeAnswer, StageAnswer } from './growth/stage-process';
import { BENCH_RUNS, CHILD_LOADER, RESULTS_FOLDER, ROOT } from './places';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { growthTable } from './tables/growth-table';
import { duration } from './time-left';

const USAGE = `espalier bench growth [options]
  --weights 1e5,...   default: 1e5,1e6,1e7,1e8
  --rounds 3          of each stage; the fastest counts. The largest size has one
  --quick             10^4 and 10^5 weights, one round; into .bench
  --out FILE          default: docs/results/growth.json
  --plot FILE         default: docs/growth.svg`;

async function run(values: BenchValues, args: readonly string[]): Promise<GrowthResults> {
  const quick = values['quick'] === true;
  const sizes = numbers(values, 'weights', quick ? [1e4, 1e5] : [1e5, 1e6, 1e7, 1e8]);
  const rounds = wholeNumber(values, 'rounds', quick ? 1 : 3);
  const points: Record<GrowthStage, GrowthPoint[]> = {
    transfer: [],
    prune: [],
    share: [],
    encode: [],
    decode: [],
  };
  for (const weights of sizes) {
    const startedMs = performance.now();
    const last = weights === Math.max(...sizes);
    const measured = await measureSize(weights, last ? 1 : rounds);
    for (const stage of GROWTH_STAGES) points[stage].push({ weights, ...measured[stage] });
    const left = last ? '' : `, ${sizes.length - sizes.indexOf(weights) - 1} larger to come`;
    note(`${weights} weights: ${duration((performance.now() - startedMs) / 1000)}${left}`);
  }
  const results: GrowthResults = {
    version: RESULTS_VERSION,
    bench: 'growth',
    circumstances: circumstances('growth', args),
    keptShare: KEPT_SHARE,
    bits: BITS,
    stages: points,
  };
  const place = (option: string, usual: string, name: string): string =>
    String(values[option] ?? (quick ? join(BENCH_RUNS, name) : usual));
  const out = place('out', join(RESULTS_FOLDER, 'growth.json'), 'growth-quick.json');
  const plot = place('plot', join(ROOT, 'docs/growth.svg'), 'growth-quick.svg');
  writeResults(out, results);
  mkdirSync(dirname(plot), { recursive: true });
  writeFileSync(plot, growthChart(results));
  note(`${growthTable(results)}\n\nwritten: ${shown(out)}, ${shown(plot)}`);
  return results;
}

async function measureSize(weights: number, rounds: number): Promise<Record<GrowthStage, StageAnswer>> {
  const folder = join(BENCH_RUNS, 'growth');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const token = newToken();
  const answers: Partial<Record<GrowthStage, StageAnswer>> = {};
  try {
    await ask([folder, 'make', weights], token);
    const owner = stageProcess([folder, 'serve', weights], token);
    const { url } = await firstLine<ServeAnswer>(owner, 'serve');
    for (const stage of GROWTH_STAGES) {
      const all: StageAnswer[] = [];
      for (let round = 0; round < rounds; round++) {
        rmSync(join(folder, 'received'), { recursive: true, force: true });
        all.push(
          await ask<StageAnswer>([folder, stage, weights, ...(stage === 'transfer' ? [url] : [])], token),
        );
      }
      answers[stage] = best(all);
      const { cpuSeconds, memoryBytes } = answers[stage];
      note(
        `${weights} weights, ${stage}: ${cpuSeconds.toFixed(2)} s CPU, ${Math.round(memoryBytes / 1e6)} MB`,
      );
      if (stage === 'transfer') owner.stdin?.end();
    }
    return answers as Record<GrowthStage, StageAnswer>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The fastest round, with the least memory of any: garbage is collected at times of its own. */
function best(answers: readonly StageAnswer[]): StageAnswer {
  const fastest = answers.reduce((least, next) => (next.cpuSeconds < least.cpuSeconds ? next : least));
  return { ...fastest, memoryBytes: Math.min(...answers.map(({ memoryBytes }) => memoryBytes)) };
}

async function ask<T>(args: readonly (string | number)[], token: string): Promise<T> {
  const child = stageProcess(args, token);
  child.stdin?.end();
  return firstLine<T>(child, String(args[1]));
}

function stageProcess(args: readonly (string | number)[], token: string): ChildProcess {
  const script = join(ROOT, 'tools/bench/src/growth/stage-process.ts');
  return endingWithUs(
    spawn(process.execPath, [CHILD_LOADER, script, ...args.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ESPALIER_TOKEN: token },
    }),
  );
}

/** @throws BENCH_CHILD when it ends without a word */
async function firstLine<T>(child: ChildProcess, stage: string): Promise<T> {
  const lines = createInterface(child.stdout as NodeJS.ReadableStream);
  const ended = once(child, 'close').then(([code]: unknown[]) => {
    throw benchError('BENCH_CHILD', {
      command: `growth/stage-process.ts ${stage}`,
      how: `code ${String(code)}`,
    });
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  ended.catch(() => undefined);
  return JSON.parse(line) as T;
}

void benchMain({
  usage: USAGE,
  options: {
    weights: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
    plot: { type: 'string' },
  },
  run,
});
