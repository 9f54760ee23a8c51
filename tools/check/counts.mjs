// From what a tool wrote to {passed, failed}. A tool that ended with an error but named no culprit counts as one
// failure, so that nothing goes green by being misread.

/** `prettier --list-different` prints the files that are not formatted to stdout, and nothing else. */
export function countPrettier({ code, stdout }) {
  if (code === 0) return { passed: 1, failed: 0 };
  return { passed: 0, failed: Math.max(1, lines(stdout).length) };
}

/** `eslint --format=json`: one check a file; @returns {passed, failed, lines: messages as text}. */
export function countEslint(output, code) {
  let files;
  try {
    files = JSON.parse(output.slice(output.indexOf('[')));
  } catch {
    return { passed: 0, failed: 1, lines: lines(output) };
  }
  const bad = files.filter((file) => file.errorCount + file.warningCount > 0);
  const failed = code === 0 ? bad.length : Math.max(1, bad.length);
  const messages = bad.flatMap(({ filePath, messages: found }) =>
    found.map(({ line, column, message, ruleId }) => `${filePath}:${line}:${column} ${message} (${ruleId})`),
  );
  return { passed: files.length - bad.length, failed, lines: messages };
}

/** `node --test --test-reporter=tap` ends in "# pass 12" and "# fail 0". */
export function countNodeTests({ code, output }) {
  const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);
  const failed = count('fail') + count('cancelled');
  return { passed: count('pass'), failed: code === 0 ? failed : Math.max(1, failed) };
}

/** jest's JSON: a test file that does not even load has no tests, and counts as one failure. */
export function countJest(result, code) {
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed: result.numPassedTests, failed: code === 0 ? failed : Math.max(1, failed) };
}

function lines(text) {
  return text.split('\n').filter((line) => line.trim() !== '');
}
