import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findChromium } from './chromium.mjs';

const only =
  (...files) =>
  (file) =>
    files.includes(file);

test('Chromium is found in the path, in the order of its names', () => {
  const env = { PATH: '/bin:/usr/bin' };
  const answers = only('/bin/google-chrome', '/usr/bin/chromium');
  assert.deepEqual(findChromium({ env, answers }), { file: '/usr/bin/chromium' });
});

test('ESPALIER_CHROMIUM names another one, and is not passed over when it does not run', () => {
  const env = { PATH: '/bin', ESPALIER_CHROMIUM: '/opt/chromium' };
  assert.deepEqual(findChromium({ env, answers: only('/opt/chromium') }), { file: '/opt/chromium' });
  assert.match(findChromium({ env, answers: only('/bin/chromium') }).problem, /does not run/);
});

test('without one the reason says what to install', () => {
  assert.match(findChromium({ env: { PATH: '/bin' }, answers: only() }).problem, /apt-get install chromium/);
});
