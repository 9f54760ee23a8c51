/**
 * The end of run.sh: compares the artifact of the run over the wire with that of the run in one process, shows what went
 * over the wire, and writes docs/results/namespaces.json. Exit code 1 when the artifacts differ.
 *
 *   compare.ts FOLDER RECIPE      the folder holds cli/ and alone/ (the runs) and sent ("NODE BYTES" a line)
 */
import {
  RESULTS_FOLDER,
  RESULTS_VERSION,
  circumstancesOf,
  shown,
  writeResults,
  type NamespacesResults,
} from '@espalier/bench';
import type { Report } from '@espalier/stages';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const [folder, recipe] = process.argv.slice(2);
const over = reportIn(join(folder, 'cli'));
const alone = reportIn(join(folder, 'alone'));
const lines = readFileSync(join(folder, 'sent'), 'utf8').trim().split('\n');
const sentBytes = Object.fromEntries(
  lines.map((line) => line.split(' ')).map(([node, bytes]) => [node, Number(bytes)]),
);

console.log('\nbytes that left each namespace, by its interface:');
for (const [node, bytes] of Object.entries(sentBytes))
  console.log(`  ${node.padEnd(12)}${String(bytes).padStart(12)}`);
console.log('bytes that each stage pulled:');
console.log('              '.concat('     dense    masked       had  overhead'));
for (const { stage, seconds, wire } of over.stages) {
  const { dense = 0, masked = 0, had = 0, overhead = 0 } = wire ?? {};
  const cells = [dense, masked, had, overhead].map((bytes) => String(bytes).padStart(10)).join('');
  console.log(`  ${stage.padEnd(12)}${cells}  ${seconds.toFixed(1)} s`);
}
const digests = { overTheWire: over.artifact.digest, inOneProcess: alone.artifact.digest };
console.log(`artifact over the wire:  ${digests.overTheWire}`);
console.log(`artifact in one process: ${digests.inOneProcess}`);
const same = digests.overTheWire === digests.inOneProcess;
console.log(same ? 'equal' : 'NOT EQUAL');

const shownRecipe = shown(recipe);
const results: NamespacesResults = {
  version: RESULTS_VERSION,
  bench: 'namespaces',
  circumstances: circumstancesOf(`sudo test/namespaces/run.sh ${shownRecipe}`),
  recipe: shownRecipe,
  sentBytes,
  digests,
  same,
};
const file = join(RESULTS_FOLDER, 'namespaces.json');
writeResults(file, results);
console.log(`written: ${shown(file)}`);
process.exitCode = same ? 0 : 1;

/** The report of the one run in this folder. */
function reportIn(runs: string): Report {
  const id = readdirSync(runs).find((name) => /^\d{8}-/.test(name));
  if (id === undefined) throw new Error(`there is no run in ${runs}`);
  return JSON.parse(readFileSync(join(runs, id, 'report.json'), 'utf8')) as Report;
}
