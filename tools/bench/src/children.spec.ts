import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CHILD_LOADER } from './places';

const BENCH = join(__dirname, 'testing/waiting-bench.ts');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly problems: string;
  readonly childLives: boolean;
}

/** Starts a bench, does something to it once it has a child, and waits for its end. */
async function ended(
  how: string,
  act: (bench: { kill(signal: NodeJS.Signals): void }) => void,
): Promise<Ended> {
  const bench = spawn(process.execPath, [CHILD_LOADER, BENCH, how], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, problems] = ['', ''];
  bench.stdout.on('data', (part: Buffer) => (out += part.toString()));
  bench.stderr.on('data', (part: Buffer) => (problems += part.toString()));
  const exit = once(bench, 'exit');
  const close = once(bench, 'close');
  await once(bench.stdout, 'data');
  act(bench);
  const [code] = (await exit) as [number | null];
  const childLives = lives(Number.parseInt(out));
  // The child has the bench's stderr, too: this settles when it has gone.
  await close;
  return { code, out, problems, childLives };
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a bench that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ends its children at %s, tidies up and leaves with 130',
    async (signal) => {
      const { code, out, problems, childLives } = await ended('waits', (bench) => bench.kill(signal));
      expect({ code, problems, childLives }).toEqual({ code: 130, problems: '', childLives: false });
      expect(out).toContain('tidied');
    },
  );

  it('leaves although it goes on as if nothing had been', async () => {
    const { code, childLives } = await ended('ignores', (bench) => bench.kill('SIGTERM'));
    expect({ code, childLives }).toEqual({ code: 130, childLives: false });
  });

  it('takes two signals at the same time for one', async () => {
    const { code, out } = await ended('waits', (bench) => {
      bench.kill('SIGINT');
      bench.kill('SIGTERM');
    });
    expect(code).toBe(130);
    expect(out).toContain('tidied');
  });
});

it('a bench that fails leaves no child behind', async () => {
  const { code, problems } = await ended('fails', () => undefined);
  expect(code).toBe(1);
  expect(problems).toBe('error: this bench fails\n');
});
