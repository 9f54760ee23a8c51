import assert from 'node:assert/strict';
import test from 'node:test';
import { collect, say } from './say.mjs';

test('what two say at the same time is kept apart, in the order in which each said it', async () => {
  const talk = async (name) => {
    for (let i = 1; i <= 3; i++) {
      say(`${name}${i} `);
      await new Promise(setImmediate);
    }
    return name;
  };
  const both = await Promise.all([collect(() => talk('a')), collect(() => talk('b'))]);
  assert.deepEqual(both, [
    { result: 'a', said: 'a1 a2 a3 ' },
    { result: 'b', said: 'b1 b2 b3 ' },
  ]);
});
