import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHILD_LOADER } from './installation';

const RUNNER = join(__dirname, 'testing/script-runner.ts');

/** Says that it is there; told to stop it takes its time and leaves with the code that it is given, or knows no signals. */
const SCRIPT = `
const code = Number(process.argv[2]);
const told = (signal) => {
  process.stdout.write(signal + '\\n');
  setTimeout(() => process.exit(code), 100);
};
if (code >= 0) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, told);
setInterval(() => undefined, 1000);
process.stdout.write('here\\n');
`;

describe('a script that this process runs', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'espalier-script-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function signalled(signal: NodeJS.Signals, code: number): Promise<{ code: number; out: string }> {
    const script = join(folder, 'script.cjs');
    writeFileSync(script, SCRIPT);
    const runner = spawn(process.execPath, [CHILD_LOADER, RUNNER, script, String(code)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    runner.stdout.on('data', (part: Buffer) => (out += part.toString()));
    const closed = once(runner, 'close');
    await once(runner.stdout, 'data');
    runner.kill(signal);
    const [ended] = (await closed) as [number];
    return { code: ended, out };
  }

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('is told %s, and waited for', async (signal) => {
    expect(await signalled(signal, 130)).toEqual({ code: 130, out: `here\n${signal}\n` });
  });

  it('keeps its exit code', async () => {
    expect(await signalled('SIGTERM', 7)).toEqual({ code: 7, out: 'here\nSIGTERM\n' });
  });

  it('counts as interrupted when the signal ends it', async () => {
    expect(await signalled('SIGTERM', -1)).toEqual({ code: 130, out: 'here\n' });
  });
});
