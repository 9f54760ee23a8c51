#!/usr/bin/env node
/** Bench `transcript`: what a run by services says, as the README shows it. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { benchMain, note, type BenchValues } from './bench-main';
import { endingWithUs } from './children';
import { circumstances, type Circumstances } from './circumstances';
import { benchError } from './errors';
import { BENCH_RUNS, CLI_SCRIPT, RESULTS_FOLDER, ROOT } from './places';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { transcriptLines } from './tables/transcript-text';

const USAGE = `espalier bench transcript [options]
  --recipe FILE     default: recipes/lenet-300-100.yaml
  --out FILE        default: docs/results/transcript.json`;

export interface TranscriptResults {
  readonly version: number;
  readonly bench: 'transcript';
  readonly circumstances: Circumstances;
  readonly recipe: string;
  /** From the start of the command to its end; missing in results of before this was measured. */
  readonly seconds?: number;
  readonly lines: readonly string[];
}

async function run(values: BenchValues, args: readonly string[]): Promise<TranscriptResults> {
  const recipe = resolve(String(values['recipe'] ?? join(ROOT, 'recipes/lenet-300-100.yaml')));
  const runs = join(BENCH_RUNS, 'transcript');
  rmSync(runs, { recursive: true, force: true });
  const startedMs = performance.now();
  const said = await outputOf(['run', recipe, '--runs', runs]);
  const results: TranscriptResults = {
    version: RESULTS_VERSION,
    bench: 'transcript',
    circumstances: circumstances('transcript', args),
    recipe: relative(ROOT, recipe),
    seconds: (performance.now() - startedMs) / 1000,
    lines: transcriptLines(said),
  };
  const out = String(values['out'] ?? join(RESULTS_FOLDER, 'transcript.json'));
  writeResults(out, results);
  note(`written: ${shown(out)}`);
  return results;
}

/** Both streams in one, in the order in which they come. @throws BENCH_CHILD */
function outputOf(args: readonly string[]): Promise<string> {
  const child = endingWithUs(
    spawn(process.execPath, [CLI_SCRIPT, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    }),
  );
  let said = '';
  const hear = (part: Buffer): void => {
    said += part.toString();
    process.stderr.write(part);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((settle, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return settle(said);
      reject(
        benchError('BENCH_CHILD', { command: `espalier ${args.join(' ')}`, how: signal ?? `code ${code}` }),
      );
    });
  });
}

void benchMain({ usage: USAGE, options: { recipe: { type: 'string' }, out: { type: 'string' } }, run });
