// Each rule of the workspace catches what it is there for: with the real configuration, on texts as if they stood in
// the real folders.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import { ROOT } from './programs.mjs';

const eslint = new ESLint({ cwd: ROOT });

async function complaints(file, text) {
  const [result] = await eslint.lintText(text, { filePath: path.join(ROOT, file), warnIgnored: true });
  return result.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

async function expectComplaint(file, text, pattern) {
  const found = await complaints(file, text);
  assert.ok(
    found.some((line) => pattern.test(line)),
    `expected ${pattern} in ${JSON.stringify(found)}`,
  );
}

const PRUNING = 'libs/pruning/src/example.ts';

test('a lib may import from lower floors', async () => {
  const text = "import { Mask } from '@espalier/tensor';\nexport const mask = Mask;\n";
  assert.deepEqual(await complaints(PRUNING, text), []);
});

test('a lib may not import from a higher floor, in whatever form', async () => {
  const pattern = /floors: pruning is on floor 2 and may not import @espalier\/stages, which is on floor 4/;
  await expectComplaint(PRUNING, "import { x } from '@espalier/stages';\nexport const y = x;\n", pattern);
  await expectComplaint(PRUNING, "export { x } from '@espalier/stages';\n", pattern);
  await expectComplaint(PRUNING, "export const x = () => import('@espalier/stages');\n", pattern);
  await expectComplaint(PRUNING, "export const x = require('@espalier/stages');\n", pattern);
  await expectComplaint(PRUNING, "export type X = typeof import('@espalier/stages');\n", pattern);
});

test('a lib may not import a neighbour on its floor', async () => {
  const text = "import { x } from '@espalier/encoding';\nexport const y = x;\n";
  await expectComplaint(PRUNING, text, /may not import @espalier\/encoding, which is on floor 2/);
});

test('on floor 1, models may import tensor and tensor may not import models', async () => {
  const models = "import { Mask } from '@espalier/tensor';\nexport const x = Mask;\n";
  assert.deepEqual(await complaints('libs/models/src/example.ts', models), []);
  const tensor = "import { x } from '@espalier/models';\nexport const y = x;\n";
  await expectComplaint(
    'libs/tensor/src/example.ts',
    tensor,
    /tensor is on floor 1-tensor and may not import/,
  );
});

test('a service may not import another service', async () => {
  const text = "import { x } from '@espalier/pruner';\nexport const y = x;\n";
  await expectComplaint('services/trainer/src/example.ts', text, /@espalier\/pruner is no lib/);
});

test('only transport imports ws', async () => {
  const text = "import { WebSocket } from 'ws';\nexport const socket = WebSocket;\n";
  await expectComplaint('services/trainer/src/example.ts', text, /only libs\/transport imports ws/);
  assert.deepEqual(await complaints('libs/transport/src/example.ts', text), []);
});

test('only engine imports TensorFlow', async () => {
  const text = "import * as tf from '@tensorflow/tfjs-node';\nexport const backend = tf.getBackend;\n";
  await expectComplaint('libs/stages/src/example.ts', text, /only libs\/engine imports @tensorflow/);
  assert.deepEqual(await complaints('libs/engine/src/example.ts', text), []);
});

test('a package is entered by its doors only', async () => {
  const inside = "import { Mask } from '@espalier/tensor/src/mask';\nexport const x = Mask;\n";
  await expectComplaint(PRUNING, inside, /reaches into @espalier\/tensor/);
  const around = "import { Mask } from '../../tensor/src/mask';\nexport const x = Mask;\n";
  await expectComplaint(PRUNING, around, /leaves libs\/pruning/);
});

test('a package that is imported is declared', async () => {
  const text = "import { x } from 'left-pad';\nexport const y = x;\n";
  await expectComplaint(PRUNING, text, /left-pad is not in libs\/pruning\/package.json/);
});

test('an index.ts names what it exports', async () => {
  await expectComplaint(
    'libs/pruning/src/index.ts',
    "export * from './example';\n",
    /doors: .*name each export/,
  );
});

test('there are no default exports but in plugins', async () => {
  const text = 'const x = { name: 1 };\nexport default x;\n';
  await expectComplaint(PRUNING, text, /doors: export by name/);
  assert.deepEqual(await complaints('test/plugins/example.ts', text), []);
  assert.deepEqual(await complaints('libs/plugin-nm/src/index.ts', text), []);
  await expectComplaint('libs/plugin-nm/src/nm.ts', text, /doors: export by name/);
});

test('there are no enums and no mutable state at module level', async () => {
  await expectComplaint(PRUNING, 'export enum Colour {\n  Red,\n}\n', /instead of an enum/);
  await expectComplaint(PRUNING, 'let count = 0;\nexport const next = () => ++count;\n', /no mutable state/);
  await expectComplaint(PRUNING, 'export let count = 0;\n', /no mutable state/);
});

test('a test that leaves others out is not committed', async () => {
  const text = "it.only('holds', () => undefined);\n";
  await expectComplaint('libs/pruning/src/example.spec.ts', text, /is not committed/);
});
