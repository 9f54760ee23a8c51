/** Where things of the workspace are. */
import { join } from 'node:path';

export const ROOT = join(__dirname, '../../..');
export const RESULTS_FOLDER = join(ROOT, 'docs/results');
export const CLI_SCRIPT = join(ROOT, 'tools/cli/bin/espalier.cjs');

/** Runs a TypeScript file from source: `node CHILD_LOADER FILE args`. */
export const CHILD_LOADER = join(ROOT, 'tools/cli/bin/child.cjs');

/** Runs of benches, apart from those of people; git ignores it. */
export const BENCH_RUNS = join(ROOT, '.bench');
