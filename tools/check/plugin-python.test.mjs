import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pluginPython } from './plugin-python.mjs';

function withCache(body) {
  const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-python-'));
  try {
    return body({ ESPALIER_CACHE: cache });
  } finally {
    fs.rmSync(cache, { recursive: true });
  }
}

test('the environment is made once: what is there needs neither Python nor network', () => {
  withCache((env) => {
    const ran = [];
    const run = (program) => ran.push(program) > 0;
    const first = pluginPython({ env, run });
    assert.equal(ran.length, 2);
    assert.deepEqual(pluginPython({ env, run: () => assert.fail('nothing is to be done') }), first);
  });
});

test('what is missing is said in a sentence', () => {
  withCache((env) => {
    assert.match(pluginPython({ env, run: () => false }).problem, /no Python/);
    assert.match(pluginPython({ env, run: (program) => program === 'python3' }).problem, /PyPI/);
  });
});
