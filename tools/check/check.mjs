#!/usr/bin/env node
// `npm test`: every check that guards the main branch, one step of suites after the other. All suites run, also after one
// that fails. The last line is `N passed, N failed`; the exit code is 1 when a check failed.

import { bringLoopbackUp } from './loopback.mjs';
import { killRunning } from './programs.mjs';
import { collect, say } from './say.mjs';
import { STEPS, SUITES } from './suites.mjs';

const HELP = `Usage: npm test -- [--only suite[,suite]]

${SUITES.map(({ name, what }) => `  ${name.padEnd(10)} ${what}`).join('\n')}
`;

async function main(args) {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const chosen = chooseSuites(args);
  const steps = STEPS.map((step) => step.filter((suite) => chosen.includes(suite))).filter(
    ({ length }) => length > 0,
  );
  const loopback = bringLoopbackUp();
  if (loopback) process.stdout.write(`${loopback}\n`);
  const totals = { passed: 0, failed: 0 };
  for (const step of steps) {
    const alone = step.length === 1;
    const runs = step.map((suite) => (alone ? timed(suite) : collect(() => timed(suite))));
    // All of a step go on, whichever is told first.
    for (const run of runs) {
      const ended = await run;
      const { passed, failed } = alone ? ended : ended.result;
      if (!alone) process.stdout.write(ended.said);
      totals.passed += passed;
      totals.failed += failed;
    }
  }
  process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed\n`);
  return totals.failed === 0 ? 0 : 1;
}

function chooseSuites(args) {
  if (args.length === 0) return SUITES;
  const [option, value] = args[0].includes('=') ? args[0].split('=') : args;
  if (option !== '--only' || !value) throw new Error(`unknown argument "${args[0]}"\n${HELP}`);
  return value.split(',').map((name) => {
    const suite = SUITES.find((candidate) => candidate.name === name);
    if (!suite) throw new Error(`there is no suite "${name}"\n${HELP}`);
    return suite;
  });
}

async function timed(suite) {
  say(`\n── ${suite.name}: ${suite.what}\n`);
  const from = performance.now();
  const counts = await runSuite(suite);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  say(`   ${suite.name}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)\n`);
  return counts;
}

/** A suite that breaks, or that counted nothing, counts as one failure: silence is not success. */
async function runSuite(suite) {
  try {
    const counts = await suite.run();
    if (counts.passed + counts.failed > 0 || counts.skipped) return counts;
    say('   no check was run\n');
  } catch (error) {
    say(`   ${error.message}\n`);
  }
  return { passed: 0, failed: 1 };
}

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
]) {
  process.on(signal, () => {
    killRunning();
    process.exit(128 + number);
  });
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  },
);
