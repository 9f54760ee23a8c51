/** All that `espalier plugins check` does with a folder: the kit, and admission as a host would do it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorMessage } from '@espalier/base';
import { checkPlugin, type CheckOutcome } from '@espalier/plugin-api/testing';
import { findPlugin, openPluginHost, type LoadedPlugin, type PluginHost } from '@espalier/plugin-host';
import { pluginOverHost } from './plugin-over-host';
import { runKit } from './run-kit';

export interface CheckPackageOptions {
  readonly seed: number;
  /** Seconds without a word after which a check hangs. */
  readonly patience: number;
  onOutcome?(outcome: CheckOutcome): void;
}

export interface PackageReport {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the package, as a resolved recipe pins it; absent when it was not admitted. */
  readonly digest?: string;
  readonly passed: boolean;
  readonly checks: readonly CheckOutcome[];
}

/** @throws PLUGIN_NOT_FOUND */
export async function checkPackage(from: string, options: CheckPackageOptions): Promise<PackageReport> {
  // A folder may be named without `./` here; in a recipe that would be an installed package.
  const { folder, name, version, start } = await findPlugin(existsSync(from) ? resolve(from) : from);
  await using host = await openPluginHost({
    allow: [name],
    limits: { callTimeoutMs: options.patience * 1000 },
  });
  const kit = 'module' in start ? await runKit({ folder, module: start.module, ...options }) : { checks: [] };
  const admission = await admit(host, folder);
  options.onOutcome?.(admission.outcome);
  const checks = [...kit.checks, admission.outcome];
  // What is no module of ours to load is tried over the wire.
  if (!('module' in start) && admission.plugin) checks.push(...(await overWire(admission.plugin, options)));
  const digest = admission.plugin?.ref.digest;
  const passed = checks.every((check) => check.passed);
  return { folder, name, version, ...(digest !== undefined && { digest }), passed, checks };
}

interface Admission {
  readonly outcome: CheckOutcome;
  readonly plugin?: LoadedPlugin;
}

async function admit(host: PluginHost, folder: string): Promise<Admission> {
  const from = performance.now();
  const outcome = (rest: Pick<CheckOutcome, 'passed' | 'problem' | 'advice'>): CheckOutcome => ({
    of: 'host',
    name: 'admits it in a process of its own: manifest, versions, kinds, options, a known tensor',
    seconds: (performance.now() - from) / 1000,
    ...rest,
  });
  try {
    const plugin = await host.load({ from: folder });
    return { outcome: outcome({ passed: true }), plugin };
  } catch (error) {
    const advice = 'A run would refuse it with the same words; docs/errors.md says more of its code.';
    return { outcome: outcome({ passed: false, problem: errorMessage(error), advice }) };
  }
}

async function overWire(
  plugin: LoadedPlugin,
  { seed, patience, onOutcome }: CheckPackageOptions,
): Promise<readonly CheckOutcome[]> {
  const { checks } = await checkPlugin(pluginOverHost(plugin), {
    seed,
    patienceMs: patience * 1000,
    withoutCost: true,
    ...(onOutcome && { onOutcome }),
  });
  return checks;
}
