import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { watchMemory } from './peak-memory';

const MEBIBYTES = 200;
const FILLED = MEBIBYTES * 2 ** 20;

/** Holds memory in a process of its own, lets go of it, and says so. */
const GRANDCHILD = `
  let held = Buffer.alloc(${FILLED}, 1);
  held = undefined;
  console.log('done');
  process.stdin.resume().on('end', () => process.exit());
`;
const CHILD = `
  const { spawn } = require('node:child_process');
  spawn(process.execPath, ['-e', process.argv[1], 'services/pruner/src/main.ts'], { stdio: 'inherit' });
`;

describe('watching memory', () => {
  it('knows the most that a descendant has ever held, by the name of its service', async () => {
    const child = spawn(process.execPath, ['-e', CHILD, GRANDCHILD], { stdio: ['pipe', 'pipe', 'inherit'] });
    const watch = watchMemory(child.pid as number);
    await once(createInterface(child.stdout), 'line');
    const { pruner, cli } = watch.stop();
    child.stdin.end();
    await once(child, 'close');
    expect(pruner).toBeGreaterThan(FILLED);
    expect(cli).toBeGreaterThan(0);
    expect(cli).toBeLessThan(FILLED);
  });
});
