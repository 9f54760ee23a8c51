import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { differences } from './workspace.mjs';

/** A workspace of two libs on the disk, complete and in step. */
function makeWorkspace(t) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-workspace-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const write = (file, value) => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), JSON.stringify(value));
  };
  write('libs/base/package.json', { name: '@espalier/base', nx: { tags: ['floor:0'] } });
  write('libs/base/tsconfig.json', { references: [] });
  write('libs/tensor/package.json', {
    name: '@espalier/tensor',
    dependencies: { '@espalier/base': '*' },
    nx: { tags: ['floor:1-tensor'] },
  });
  write('libs/tensor/tsconfig.json', { references: [{ path: '../base' }] });
  write('tsconfig.json', {
    extends: './tsconfig.base.json',
    files: [],
    references: [{ path: './libs/tensor' }, { path: './libs/base' }],
  });
  return { root, write };
}

test('a workspace in step has no differences, whatever the order of its references', (t) => {
  assert.deepEqual(differences(makeWorkspace(t).root), {});
});

test('a dependency without its reference is found', (t) => {
  const { root, write } = makeWorkspace(t);
  write('libs/tensor/tsconfig.json', { references: [] });
  assert.deepEqual(differences(root), { 'libs/tensor/tsconfig.json': { references: [{ path: '../base' }] } });
});

test('a project that the root does not reference is found', (t) => {
  const { root, write } = makeWorkspace(t);
  write('tsconfig.json', { extends: './tsconfig.base.json', files: [], references: [] });
  assert.deepEqual(Object.keys(differences(root)), ['tsconfig.json']);
});

test('a tag that contradicts the table of floors is found', (t) => {
  const { root, write } = makeWorkspace(t);
  write('libs/base/package.json', { name: '@espalier/base', nx: { tags: ['floor:3'] } });
  assert.deepEqual(differences(root)['libs/base/package.json'].nx, { tags: ['floor:0'] });
});
