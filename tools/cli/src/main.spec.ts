import type { CommandEntry } from './commands';
import { cliError } from './errors';
import { runCommandLine } from './main';
import { fakeTerminal } from './testing/fake-terminal';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
  readonly loaded: readonly string[];
}

async function espalier(...argv: readonly string[]): Promise<Outcome> {
  const loaded: string[] = [];
  const terminal = fakeTerminal();
  const entry = (name: string, act: () => void): CommandEntry => ({
    name,
    summary: `the command ${name}`,
    load: () => {
      loaded.push(name);
      return { configure: (command) => void command.option('--seed <n>').action(act) };
    },
  });
  const commands = [
    entry('fine', () => terminal.out('done')),
    entry('broken', () => {
      throw new Error('boom');
    }),
    entry('usage', () => {
      throw cliError('CLI_BENCH_UNKNOWN', { name: 'x', present: 'y' });
    }),
    entry('stopped', () => {
      throw cliError('CLI_STOPPED', { run: '1' });
    }),
  ];
  const code = await runCommandLine(argv, terminal, commands);
  return { code, out: terminal.outs.join('\n'), notes: terminal.notes.join('\n'), loaded };
}

describe('command line', () => {
  it('ends with 0 when the command did its work, and loads no other', async () => {
    expect(await espalier('fine')).toEqual({ code: 0, out: 'done', notes: '', loaded: ['fine'] });
  });

  it('lists all commands without loading any', async () => {
    const { code, out, loaded } = await espalier('--help');
    expect(code).toBe(0);
    expect(loaded).toEqual([]);
    for (const name of ['fine', 'broken', 'usage']) expect(out).toContain(`the command ${name}`);
  });

  it('ends with 1 and one sentence when something fails, and shows the stack with --debug', async () => {
    const plain = await espalier('broken');
    expect(plain.code).toBe(1);
    expect(plain.notes).toContain('error: boom');
    expect(plain.notes).not.toContain('at ');
    expect((await espalier('broken', '--debug')).notes).toMatch(/Error: boom\n\s+at /);
  });

  it('ends with 2 when what was typed makes no sense', async () => {
    for (const argv of [
      ['nonsense'],
      ['fine', '--nonsense'],
      ['fine', 'extra'],
      ['usage'],
      ['fine', '--seed'],
    ]) {
      expect((await espalier(...argv)).code).toBe(2);
    }
  });

  it('ends with 130 when it was stopped, and says how to go on', async () => {
    const { code, notes } = await espalier('stopped');
    expect(code).toBe(130);
    expect(notes).toContain('espalier run --resume 1');
  });

  it('shows the help when nothing is asked for', async () => {
    const { code, notes } = await espalier();
    expect(code).toBe(2);
    expect(notes).toContain('Usage: espalier');
  });
});
