/** The conformance kit as tests of whatever runner there is: jest, vitest, mocha, `node:test`. */
import type { Plugin } from '../define-plugin';
import { planChecks, type PlanOptions } from './plan-checks';

export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** One test for each check; it fails with what was wrong and what to do. */
export function describePlugin(
  plugin: Plugin,
  { describe, it }: TestRunner,
  options: PlanOptions = {},
): void {
  const checks = planChecks(plugin, options);
  for (const of of new Set(checks.map((check) => check.of))) {
    describe(of, () => {
      for (const check of checks.filter((each) => each.of === of)) {
        it(check.name, async () => void (await check.run()));
      }
    });
  }
}
