import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from './programs.mjs';
import { listByPython, listSafetensors } from './safetensors-listing.mjs';

const file = path.join(ROOT, 'test/golden/artifact-v1.safetensors');
const golden = JSON.parse(fs.readFileSync(path.join(ROOT, 'test/golden/artifact-v1.listing.json'), 'utf8'));
const read = () => new Uint8Array(fs.readFileSync(file));

test('the parser finds in the golden file what Python found in it', () => {
  assert.deepEqual(listSafetensors(read()), golden);
});

test("Python's safetensors finds it today", (context) => {
  const listing = listByPython(file);
  if (listing === undefined) context.skip('no Python that has safetensors and numpy');
  else assert.deepEqual(listing, golden);
});

test('the parser refuses a file with bytes that belong to no tensor', () => {
  const longer = new Uint8Array([...read(), 0]);
  assert.throws(() => listSafetensors(longer), /1 bytes belong to no tensor/);
});
