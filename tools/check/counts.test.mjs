import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countEslint, countJest, countNodeTests, countPrettier } from './counts.mjs';

test('each file that prettier lists is a failure', () => {
  assert.deepEqual(countPrettier({ code: 1, stdout: 'libs/a.ts\nlibs/b.ts\n' }), { passed: 0, failed: 2 });
  assert.deepEqual(countPrettier({ code: 0, stdout: '' }), { passed: 1, failed: 0 });
});

test('a prettier that breaks without naming a file is a failure', () => {
  assert.equal(countPrettier({ code: 2, stdout: '' }).failed, 1);
});

test('eslint counts files, and a warning fails its file', () => {
  const file = (filePath, errorCount, warningCount) => ({
    filePath,
    errorCount,
    warningCount,
    messages: errorCount + warningCount > 0 ? [{ line: 2, column: 3, message: 'no', ruleId: 'x' }] : [],
  });
  const output = JSON.stringify([file('a.ts', 0, 0), file('b.ts', 1, 0), file('c.ts', 0, 1)]);
  const counts = countEslint(output, 1);
  assert.deepEqual([counts.passed, counts.failed], [1, 2]);
  assert.deepEqual(counts.lines, ['b.ts:2:3 no (x)', 'c.ts:2:3 no (x)']);
});

test('eslint that prints no JSON is a failure with its output shown', () => {
  assert.deepEqual(countEslint('Oops: no config\n', 2), { passed: 0, failed: 1, lines: ['Oops: no config'] });
});

test("node's test runner is read from its last lines", () => {
  const output = 'ok 1 - a\n# tests 3\n# pass 2\n# fail 1\n# cancelled 0\n';
  assert.deepEqual(countNodeTests({ code: 1, output }), { passed: 2, failed: 1 });
});

test('a test run that was killed is a failure', () => {
  assert.deepEqual(countNodeTests({ code: null, output: 'ok 1 - a\n' }), { passed: 0, failed: 1 });
});

test('a jest file that does not load is a failure', () => {
  const result = { numPassedTests: 5, numFailedTests: 1, numRuntimeErrorTestSuites: 2 };
  assert.deepEqual(countJest(result, 1), { passed: 5, failed: 3 });
  assert.equal(countJest({ ...result, numFailedTests: 0, numRuntimeErrorTestSuites: 0 }, 1).failed, 1);
});
