// The browser for the suite `browser`: Debian's Chromium. Playwright's own downloads are not needed, and not made.

import { spawnSync } from 'node:child_process';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** @returns {file: the program} or {problem: why there is none, for people to read} */
export function findChromium({ env = process.env, answers = runs } = {}) {
  const named = env.ESPALIER_CHROMIUM;
  if (named) {
    return answers(named)
      ? { file: named }
      : { problem: `ESPALIER_CHROMIUM is "${named}", which does not run` };
  }
  for (const name of NAMES) {
    for (const folder of (env.PATH ?? '').split(':')) {
      const file = `${folder}/${name}`;
      if (folder && answers(file)) return { file };
    }
  }
  return { problem: 'there is no Chromium (Debian: apt-get install chromium)' };
}

function runs(file) {
  return spawnSync(file, ['--version'], { stdio: 'ignore' }).status === 0;
}
