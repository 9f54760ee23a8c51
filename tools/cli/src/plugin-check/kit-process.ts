/** The process in which a plugin's own code meets the conformance kit: `child.cjs kit-process.ts MODULE SEED SKIP`, with an IPC channel. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '@espalier/base';
import type { Plugin } from '@espalier/plugin-api';
import { checkPlugin } from '@espalier/plugin-api/testing';
import type { KitMessage } from './kit-messages';
import { loadModule } from './load-module';

async function main([folder, file, seed, skip]: readonly string[]): Promise<void> {
  const packageJson = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  let plugin: unknown;
  try {
    plugin = await loadModule(file);
  } catch (error) {
    return tell({ kind: 'broken', problem: errorMessage(error) });
  }
  const { name, version } = await checkPlugin(plugin as Plugin, {
    seed: Number(seed),
    packageJson,
    skip: Number(skip),
    onStart: (check) => void tell({ kind: 'start', ...check }),
    onOutcome: (outcome) => void tell({ kind: 'outcome', outcome }),
  });
  await tell({ kind: 'done', name, version });
}

/** Settles when it is on its way: a process that ends before loses its last words. */
function tell(message: KitMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error) => (error ? reject(error) : resolve()));
  });
}

void main(process.argv.slice(2)).then(() => process.exit(0));
