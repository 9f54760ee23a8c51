/** One check of the conformance kit: a sentence that holds of a good plugin, and what to do when it does not. */
import { errorCode, errorMessage } from '@espalier/base';
import { pluginError } from '../errors';

export interface Check {
  /** `plugin`, or `criterion "mine"`. */
  readonly of: string;
  /** What a good one does: `gives each weight a finite score`. */
  readonly name: string;
  /** What to do when it does not. */
  readonly advice: string;
  /** Throws PLUGIN_NONCONFORMING, or whatever the plugin throws. */
  run(): Promise<Cost | void>;
}

/** What a check measured besides; none of it is a limit by itself. */
export interface Cost {
  /** Weights of the tensor that was measured. */
  readonly weights: number;
  /** Processor time of the quickest of several calls. */
  readonly milliseconds: number;
  /** What a weight costs, times what it costs in a layer of a sixteenth of the weights. */
  readonly growth: number;
  /** What each of 100 calls left behind; undefined where the garbage collector cannot be called (`node --expose-gc`). */
  readonly keptBytes?: number;
}

export interface CheckOutcome {
  readonly of: string;
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** What was wrong; only when it did not pass, like `advice`. */
  readonly problem?: string;
  readonly advice?: string;
  readonly cost?: Cost;
}

export type CheckBody = () => Cost | void | Promise<Cost | void>;
/** Adds a check of one contribution to a list. */
export type AddCheck = (name: string, advice: string, run: CheckBody) => void;

export function checksOf(of: string, list: Check[]): AddCheck {
  return (name, advice, run) =>
    void list.push({
      of,
      name,
      advice,
      run: async () => {
        try {
          return await run();
        } catch (error) {
          throw nonconforming({ of, name, advice }, error);
        }
      },
    });
}

/** Ends a check: what was found wrong, with the case in which it was. */
export function wrong(problem: string): never {
  throw new Found(problem);
}

/** An answer that never comes must end the check too: it is given up after `patienceMs`. */
export async function carryOut(check: Check, patienceMs: number): Promise<CheckOutcome> {
  const { of, name, advice } = check;
  const from = performance.now();
  const outcome = (rest: object): CheckOutcome => {
    const seconds = (performance.now() - from) / 1000;
    return { of, name, passed: true, seconds, ...rest };
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<never>((_resolve, reject) => {
    const problem = `there was no answer within ${patienceMs / 1000} s: a promise that never settles?`;
    timer = setTimeout(() => reject(nonconforming(check, new Found(problem))), patienceMs);
  });
  try {
    const cost = await Promise.race([check.run(), patience]);
    return outcome({ ...(cost && { cost }) });
  } catch (error) {
    return outcome({ passed: false, problem: problemOf(error), advice });
  } finally {
    clearTimeout(timer);
  }
}

class Found extends Error {}

/** Was it found by a check, and not thrown by the plugin? */
export function isFinding(error: unknown): boolean {
  return error instanceof Found;
}

function nonconforming({ of, name, advice }: Omit<Check, 'run'>, cause: unknown): Error {
  const problem = cause instanceof Found ? cause.message : `it threw: ${errorMessage(cause)}`;
  return pluginError('PLUGIN_NONCONFORMING', { of, name, problem, advice }, { cause });
}

function problemOf(error: unknown): string {
  const { details } = error as { readonly details?: { readonly problem?: unknown } };
  return errorCode(error) === 'PLUGIN_NONCONFORMING' ? String(details?.problem) : errorMessage(error);
}
