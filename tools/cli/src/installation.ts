/** Where things of this installation are. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the workspace: this file is in tools/cli/src, or tools/cli/dist. */
export const ROOT = join(__dirname, '../../..');

export const DEFAULT_RECIPE = join(ROOT, 'recipes/lenet-300-100.yaml');
export const DEFAULT_RUNS = 'runs';
export const BENCH_FOLDER = join(ROOT, 'tools/bench');

/** Runs a TypeScript file from source: `node CHILD_LOADER FILE args`. */
export const CHILD_LOADER = join(ROOT, 'tools/cli/bin/child.cjs');
export const CLI_SCRIPT = join(ROOT, 'tools/cli/bin/espalier.cjs');

export const SERVICE_NAMES = ['coordinator', 'trainer', 'pruner', 'retrainer', 'encoder'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** The script that runs a service as a process of its own. */
export function serviceEntry(name: ServiceName): string {
  return join(ROOT, 'services', name, 'src/main.ts');
}

/** Looks for the nearest folder that exists, for questions about the disk. */
export function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

/** Of this program, as it stands in recipes and reports. */
export function version(): string {
  return (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}
