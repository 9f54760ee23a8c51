/** How every bench begins and ends: arguments in, one clear sentence when it fails, exit code. */
import { errorMessage } from '@espalier/base';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { onStopRequest } from './children';
import { benchError } from './errors';

export type BenchOptions = NonNullable<ParseArgsConfig['options']>;
export type BenchValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export interface Bench {
  readonly usage: string;
  readonly options: BenchOptions;
  /** Does it take files? */
  readonly positionals?: boolean;
  /** @returns what `--json` prints. */
  run(values: BenchValues, args: readonly string[], files: readonly string[]): Promise<unknown>;
}

/** Exit code after Ctrl-C and the like. */
const INTERRUPTED = 130;
/** What a bench may take to tidy up once its children have been ended. */
const TIDY_MS = 2_000;

/** Runs a bench as the main program. A script calls it as its last line. */
export async function benchMain(bench: Bench): Promise<void> {
  const args = process.argv.slice(2);
  const stop = onStopRequest(() => process.exit(INTERRUPTED));
  // A bench whose children are gone fails, and leaves below; one that goes on regardless is ended.
  void stop.childrenGone.then(() => setTimeout(() => process.exit(INTERRUPTED), TIDY_MS));
  try {
    const options: BenchOptions = {
      ...bench.options,
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    };
    const { values, positionals } = parseArgs({
      args,
      options,
      allowPositionals: bench.positionals ?? false,
    });
    if (values['help']) {
      process.stdout.write(`${bench.usage}\n`);
      return;
    }
    const result = await bench.run(
      values,
      args.filter((arg) => arg !== '--json'),
      positionals,
    );
    if (values['json']) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    // The engine may keep timers and threads.
    process.exit();
  } catch (error) {
    if (stop.asked()) return process.exit(INTERRUPTED);
    process.stderr.write(`error: ${errorMessage(error)}\n`);
    process.exit(1);
  }
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** @throws BENCH_OPTION */
export function wholeNumber(values: BenchValues, option: string, fallback: number): number {
  const value = values[option];
  if (value === undefined) return fallback;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw benchError('BENCH_OPTION', {
    option: `--${option}`,
    value: String(value),
    expected: 'a whole number from 1',
  });
}

/** `1,2,3`. @throws BENCH_OPTION */
export function numbers(values: BenchValues, option: string, fallback: readonly number[]): readonly number[] {
  const value = values[option];
  if (value === undefined) return fallback;
  const list = String(value).split(',').map(Number);
  if (list.every((number) => Number.isFinite(number) && number >= 0)) return list;
  throw benchError('BENCH_OPTION', {
    option: `--${option}`,
    value: String(value),
    expected: 'numbers with commas between',
  });
}
