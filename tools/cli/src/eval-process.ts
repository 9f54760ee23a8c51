/** Tests a file in a process that has nothing but the file and the data: what `artifact.error` in a report stands on. */
import { spawn } from 'node:child_process';
import type { DataSection } from '@espalier/recipe';
import { resolve } from 'node:path';
import { cliError } from './errors';
import { CLI_SCRIPT } from './installation';

export interface Evaluation {
  readonly count: number;
  /** Share of the test images that are answered wrongly. */
  readonly error: number;
  readonly top5Error: number;
  readonly loss: number;
}

export interface EvaluationOptions {
  readonly threads: number;
  readonly signal?: AbortSignal;
  /** Folders of plugins that may decode. */
  readonly plugins?: readonly string[];
}

export function evaluateInFreshProcess(
  file: string,
  data: DataSection,
  options: EvaluationOptions,
): Promise<Evaluation> {
  const source =
    data.format === 'mnist' ? 'mnist' : `${resolve(data.test.images)},${resolve(data.test.labels)}`;
  const args = ['eval', file, '--data', source, '--threads', String(options.threads), '--json'];
  for (const folder of options.plugins ?? []) args.push('--plugin', folder);
  const child = spawn(process.execPath, [CLI_SCRIPT, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.signal ? { signal: options.signal } : {}),
  });
  let out = '';
  let problems = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (problems += part.toString()));
  return new Promise((settle, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return settle(JSON.parse(out) as Evaluation);
      const problem = problems.trim().replace(/^error: /, '') || 'it said nothing';
      reject(cliError('CLI_EVALUATION', { file, how: signal ?? `code ${code}`, problem }));
    });
  });
}
