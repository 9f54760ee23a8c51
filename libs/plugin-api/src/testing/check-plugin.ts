/** Runs the conformance kit: every check, also after one that did not pass. */
import type { Plugin } from '../define-plugin';
import { carryOut, type Check, type CheckOutcome } from './check';
import { planChecks, type PlanOptions } from './plan-checks';

/** A promise that has not settled by then never will. A loop that never ends is the affair of whoever runs the kit. */
const DEFAULT_PATIENCE_MS = 60_000;

export interface CheckPluginOptions extends PlanOptions {
  /** Milliseconds that a check may wait for the plugin. Default: 60,000. */
  readonly patienceMs?: number;
  /** How many checks, from the first, were made already by a process that ended. Default: 0. */
  readonly skip?: number;
  /** Before each check; whoever runs the kit in a process of its own then knows where it hangs. */
  onStart?(check: Pick<Check, 'of' | 'name' | 'advice'>): void;
  /** After each check. */
  onOutcome?(outcome: CheckOutcome): void;
}

export interface PluginReport {
  readonly name: string;
  readonly version: string;
  readonly passed: boolean;
  readonly checks: readonly CheckOutcome[];
}

/** Tries a plugin on everything that its contracts promise. The same seed tries the same. */
export async function checkPlugin(plugin: Plugin, options: CheckPluginOptions = {}): Promise<PluginReport> {
  const checks: CheckOutcome[] = [];
  for (const check of planChecks(plugin, options).slice(options.skip ?? 0)) {
    options.onStart?.({ of: check.of, name: check.name, advice: check.advice });
    const outcome = await carryOut(check, options.patienceMs ?? DEFAULT_PATIENCE_MS);
    options.onOutcome?.(outcome);
    checks.push(outcome);
  }
  const { name, version } = (plugin ?? {}) as Partial<Plugin>;
  return {
    name: String(name ?? '?'),
    version: String(version ?? '?'),
    passed: checks.every(({ passed }) => passed),
    checks,
  };
}
