// The suites of `npm test`, in steps: the quick ones first. Each returns how many checks passed and failed.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findChromium } from './chromium.mjs';
import { countEslint, countJest, countNodeTests, countPrettier } from './counts.mjs';
import { pluginPython } from './plugin-python.mjs';
import { ROOT, packageProgram, runNode } from './programs.mjs';
import { realRun } from './real-run.mjs';
import { say } from './say.mjs';

/** Those of a step run side by side: each of them keeps one core busy, or waits for much of its time. */
export const STEPS = [
  [
    { name: 'format', what: 'prettier', run: format },
    { name: 'types', what: 'tsc over all projects', run: types },
  ],
  [
    { name: 'lint', what: 'eslint: floors, doors, style', run: lint },
    { name: 'page', what: 'the dashboard: svelte-check, and a build that is light enough', run: page },
  ],
  [
    {
      name: 'workspace',
      what: 'project references and tags follow from the package.json files',
      run: workspace,
    },
    { name: 'setup', what: 'tests of set-up and of the checks themselves', run: setup },
  ],
  [{ name: 'unit', what: 'tests of libs, services and tools', run: () => jest('unit') }],
  [
    {
      name: 'pipeline',
      what: 'tests across libs: conformance, golden files, processes',
      run: () => jest('pipeline'),
    },
  ],
  [
    { name: 'python', what: 'the example plugin in Python, and a host that starts it', run: python },
    {
      name: 'run',
      what: 'recipes/quick.yaml for real, its artifact decoded by a fresh process',
      run: realRun,
    },
  ],
  [{ name: 'browser', what: 'the bundle of libs/inference and the dashboard in Chromium', run: browser }],
];

export const SUITES = STEPS.flat();

async function format() {
  const program = packageProgram('prettier', 'bin/prettier.cjs');
  return countPrettier(await runNode([program, '--list-different', '.']));
}

async function lint() {
  const { output, code } = await runNode([packageProgram('eslint', 'bin/eslint.js'), '--format=json', '.'], {
    quiet: true,
  });
  const counts = countEslint(output, code);
  for (const line of counts.lines) say(`${path.relative(ROOT, line)}\n`);
  return counts;
}

async function workspace() {
  return countExit(await runNode(['tools/check/workspace.mjs']));
}

async function types() {
  return countExit(await runNode([packageProgram('typescript', 'bin/tsc'), '--build']));
}

async function page() {
  const checked = countExit(
    await runNode([
      packageProgram('svelte-check', 'bin/svelte-check'),
      '--workspace',
      'services/dashboard',
      '--tsconfig',
      'tsconfig.svelte.json',
      '--fail-on-warnings',
    ]),
  );
  const built = countExit(await runNode(['services/dashboard/build.mjs']));
  return { passed: checked.passed + built.passed, failed: checked.failed + built.failed };
}

async function setup() {
  const files = ['tools/setup', 'tools/check'].flatMap((folder) =>
    fs
      .readdirSync(path.join(ROOT, folder))
      .filter((name) => name.endsWith('.test.mjs'))
      .map((name) => `${folder}/${name}`),
  );
  const result = await runNode(['--test', '--test-reporter=tap', ...files], { quiet: true });
  const counts = countNodeTests(result);
  if (counts.failed > 0) say(result.output);
  return counts;
}

async function browser() {
  const { file, problem } = findChromium();
  if (file) return jest('browser', { ESPALIER_CHROMIUM: file });
  say(`   skipped: ${problem}\n`);
  return { passed: 0, failed: 0, skipped: problem };
}

async function python() {
  const { file, problem } = pluginPython();
  if (file) return jest('python', { ESPALIER_PLUGIN_PYTHON: file });
  say(`   skipped: ${problem}\n`);
  return { passed: 0, failed: 0, skipped: problem };
}

async function jest(project, env = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-check-'));
  const file = path.join(folder, 'result.json');
  try {
    const program = packageProgram('jest', 'bin/jest.js');
    const args = ['--ci', '--selectProjects', project, '--json', `--outputFile=${file}`];
    const { code } = await runNode([program, ...args], { env });
    return countJest(JSON.parse(fs.readFileSync(file, 'utf8')), code);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function countExit({ code }) {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
