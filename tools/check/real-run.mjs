// The whole way once, as a person walks it: a short recipe is run by the services, and what it leaves is decoded and
// tested by processes that have nothing but the file.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT, runNode } from './programs.mjs';
import { listByPython, listSafetensors } from './safetensors-listing.mjs';
import { say } from './say.mjs';

const CLI = path.join(ROOT, 'tools/cli/bin/espalier.cjs');
const RECIPE = 'recipes/quick.yaml';

/** The error that the report gives and the one that a fresh process measures are of one file: they must agree. */
const ERROR_TOLERANCE = 1e-9;

/** @returns {passed, failed}: the run, its artifact, its decoding, its test. */
export async function realRun() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-run-'));
  const checks = createChecks();
  try {
    await checks.check('the run ends well', async () => {
      await espalier(['run', RECIPE, '--runs', folder], { quiet: false });
    });
    const run = findRun(folder);
    const model = path.join(folder, run, 'model.espalier');
    const report = readJson(path.join(folder, run, 'report.json'));
    await checks.check('the report gives the size of the file that is there', () => {
      const bytes = fs.statSync(model).size;
      if (report.artifact.bytes !== bytes)
        throw new Error(`it says ${report.artifact.bytes}, the file has ${bytes}`);
      if (!(report.artifact.ratio > 1)) throw new Error(`ratio ${report.artifact.ratio}: nothing was gained`);
    });
    const decoded = path.join(folder, 'decoded.safetensors');
    await checks.check('a fresh process decodes the file', async () => {
      await espalier(['decode', model, '--output', decoded]);
      const bytes = fs.statSync(decoded).size;
      if (!(bytes > report.artifact.bytes)) throw new Error(`the decoded file has only ${bytes} bytes`);
    });
    const listing = listSafetensors(new Uint8Array(fs.readFileSync(decoded)));
    await checks.check(
      'an independent parser of safetensors finds the weights that the report counts',
      () => {
        const kept = listing
          .filter(({ name }) => name.endsWith('/kernel'))
          .reduce((sum, tensor) => sum + tensor.kept, 0);
        if (kept !== report.weights.kept)
          throw new Error(`it finds ${kept} weights, the report says ${report.weights.kept}`);
      },
    );
    const byPython = listByPython(decoded);
    if (byPython === undefined)
      say('   - not checked: no Python that has safetensors (pip install safetensors numpy)\n');
    else await checks.check("Python's safetensors finds the same", () => assert.deepEqual(byPython, listing));
    await checks.check('a fresh process measures the error that the report gives', async () => {
      const { error } = JSON.parse(await espalier(['eval', model, '--json']));
      if (!(Math.abs(error - report.artifact.error) <= ERROR_TOLERANCE)) {
        throw new Error(`it measures ${error}, the report says ${report.artifact.error}`);
      }
    });
  } catch (error) {
    checks.fail(error.message);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return checks.counts;
}

function createChecks() {
  const counts = { passed: 0, failed: 0 };
  const fail = (text) => {
    counts.failed++;
    say(`   ✗ ${text}\n`);
  };
  return {
    counts,
    fail,
    async check(name, action) {
      try {
        await action();
        counts.passed++;
        say(`   ✓ ${name}\n`);
      } catch (error) {
        fail(`${name}: ${error.message}`);
      }
    },
  };
}

async function espalier(args, { quiet = true } = {}) {
  const { code, signal, stdout, output } = await runNode([CLI, ...args], { quiet });
  if (code !== 0)
    throw new Error(
      `espalier ${args[0]} ended with ${signal ?? `exit code ${code}`}\n${quiet ? output : ''}`,
    );
  return stdout;
}

function findRun(folder) {
  const runs = fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'report.json')));
  if (runs.length !== 1) throw new Error(`${runs.length} finished runs in the runs folder, expected 1`);
  return runs[0];
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}
