/** For `children.spec.ts`: a bench with a child that says its pid and never ends. `waits` for it, `ignores` its end, or `fails`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { benchMain } from '../bench-main';
import { endingWithUs } from '../children';

const CHILD = `process.stdout.write(process.pid + '\\n'); setInterval(() => undefined, 1000)`;

async function run(_values: unknown, _args: readonly string[], [how]: readonly string[]): Promise<void> {
  const child = endingWithUs(
    spawn(process.execPath, ['-e', CHILD], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  try {
    const [pid] = (await once(child.stdout, 'data')) as [Buffer];
    process.stdout.write(pid);
    if (how === 'fails') throw new Error('this bench fails');
    await once(child, 'close');
    if (how === 'ignores') await once(process, 'nothing');
    throw new Error('its child has ended');
  } finally {
    process.stdout.write('tidied\n');
  }
}

void benchMain({ usage: '', options: {}, positionals: true, run });
