#!/usr/bin/env node
/** Bench `decode-identity`: does a file decode to the same weights, bit by bit, on every Node that we promise and in Chromium? */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { pluginTensorsOf } from '@espalier/encoding';
import { benchMain, note, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import { decodeInChromium } from './decode-identity/decode-in-chromium';
import { nodeBinaries } from './decode-identity/node-binaries';
import { compareDecoded, type DecodedBy, type DecodeIdentityResults } from './decode-identity/results';
import { benchError } from './errors';
import { BENCH_RUNS, CHILD_LOADER, RESULTS_FOLDER, ROOT } from './places';
import { must } from './python-peers';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { decodeIdentityTable } from './tables/decode-identity-table';

const USAGE = `espalier bench decode-identity [options] [FILE...]
  FILE...       default: test/golden's files, and the last file of each recipe that a bench ran (.bench); not those that need a plugin
  --out FILE    default: docs/results/decode-identity.json
Node's binaries come from npm into the cache folder; Chromium is Debian's, or the one that ESPALIER_CHROMIUM names.`;

async function run(
  values: BenchValues,
  args: readonly string[],
  given: readonly string[],
): Promise<DecodeIdentityResults> {
  const files =
    given.length > 0
      ? given.map((file) => resolve(file))
      : [...goldenFiles(), ...lastFiles()].filter((file) => !needsPlugin(file));
  for (const file of files) {
    if (!existsSync(file))
      throw benchError('BENCH_OPTION', { option: 'FILE', value: file, expected: 'a file that is there' });
  }
  const programs: DecodedBy[] = [];
  for (const node of await nodeBinaries()) {
    const script = join(ROOT, 'tools/bench/src/decode-identity/decode-in-node.ts');
    const decoded = JSON.parse(await must(node, [CHILD_LOADER, script, ...files])) as DecodedBy;
    programs.push(decoded);
    note(`${decoded.program}: ${files.length} files decoded`);
  }
  for (const decoded of await decodeInChromium(files.map((file) => readFileSync(file)))) {
    programs.push(decoded);
    note(`${decoded.program}: ${files.length} files decoded`);
  }
  const named = files.map((file) => ({ file: fileName(file), bytes: statSync(file).size }));
  const compared = compareDecoded(named, programs);
  const results: DecodeIdentityResults = {
    version: RESULTS_VERSION,
    bench: 'decode-identity',
    circumstances: circumstances(
      'decode-identity',
      args.map((arg) => (existsSync(arg) ? fileName(arg) : arg)),
    ),
    programs: programs.map(({ program, engine }) => ({ program, engine })),
    files: compared,
    same: compared.every(({ differences }) => differences.length === 0),
  };
  const out = resolve(String(values['out'] ?? join(RESULTS_FOLDER, 'decode-identity.json')));
  writeResults(out, results);
  for (const { file, digests } of compared) {
    note(
      `${file}\n${Object.entries(digests)
        .map(([program, digest]) => `  ${digest}  ${program}`)
        .join('\n')}`,
    );
  }
  note(`\n${decodeIdentityTable(results)}\n\nwritten: ${shown(out)}`);
  const [different] = compared.filter(({ differences }) => differences.length > 0);
  if (different) {
    const [{ program, tensors }] = different.differences;
    throw benchError('BENCH_DECODED', {
      file: different.file,
      program,
      first: programs[0].program,
      tensors: tensors.join(', '),
    });
  }
  return results;
}

function goldenFiles(): string[] {
  const folder = join(ROOT, 'test/golden');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.espalier'))
    .map((name) => join(folder, name));
}

/** Only its codec decodes what a plugin has coded, and that is Node's alone. */
function needsPlugin(file: string): boolean {
  return pluginTensorsOf(readFileSync(file)).length > 0;
}

/** Of each folder of runs under .bench the last run's file: their names begin with the time. */
function lastFiles(): string[] {
  if (!existsSync(BENCH_RUNS)) return [];
  return readdirSync(BENCH_RUNS).flatMap((folder) => {
    const runs = statSync(join(BENCH_RUNS, folder)).isDirectory()
      ? readdirSync(join(BENCH_RUNS, folder))
      : [];
    const files = runs.sort().map((run) => join(BENCH_RUNS, folder, run, 'model.espalier'));
    return files.filter((file) => existsSync(file)).slice(-1);
  });
}

/** Within the workspace by its path, else by the folders of its run: results carry no paths of a machine. */
function fileName(file: string): string {
  const path = relative(ROOT, resolve(file));
  return path.startsWith('..') ? resolve(file).split(sep).slice(-3).join('/') : path;
}

void benchMain({ usage: USAGE, options: { out: { type: 'string' } }, positionals: true, run });
