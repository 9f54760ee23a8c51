import { Command } from 'commander';
import { runCommand } from './commands/run';
import { undoCommand } from './commands/undo';
import { addCarryOutOptions, type CarryOutOptions } from './run-options';
import { serviceSettings } from './service-settings';

const context = { terminal: undefined as never, exitCode: 0 } as const;

function optionsOf(args: readonly string[]): CarryOutOptions {
  const command = new Command();
  addCarryOutOptions(command, { set: '', hub: '' });
  return command.parse(args, { from: 'user' }).opts();
}

describe('the options of a run', () => {
  it('are the same for run and undo, but for what the two mean by themselves', () => {
    const flagsOf = (module: typeof runCommand): readonly string[] => {
      const command = new Command();
      module.configure(command, { ...context });
      return command.options.map(({ flags }) => flags);
    };
    const shared = addCarryOutOptions(new Command(), { set: '', hub: '' }).options.map(({ flags }) => flags);
    const [run, undo] = [flagsOf(runCommand), flagsOf(undoCommand)];
    expect(run.filter((flags) => undo.includes(flags))).toEqual(shared);
    expect(undo.filter((flags) => !shared.includes(flags))).toEqual(['--to <round>']);
  });

  it('take the limit of the stores from the command line, then from the environment', () => {
    const before = process.env['ESPALIER_MAX_STORE_BYTES'];
    try {
      delete process.env['ESPALIER_MAX_STORE_BYTES'];
      expect(optionsOf([]).maxStoreBytes).toBeUndefined();
      process.env['ESPALIER_MAX_STORE_BYTES'] = '2GB';
      expect(optionsOf([]).maxStoreBytes).toBe(2e9);
      expect(optionsOf(['--max-store-bytes', '500M']).maxStoreBytes).toBe(5e8);
    } finally {
      if (before === undefined) delete process.env['ESPALIER_MAX_STORE_BYTES'];
      else process.env['ESPALIER_MAX_STORE_BYTES'] = before;
    }
  });

  it('hand the limit on to the services', () => {
    const wish = { dir: 'd', token: 't', hub: 'ws://127.0.0.1:7000', host: '127.0.0.1' };
    expect(serviceSettings({ ...wish, maxStoreBytes: 5e8 })).toMatchObject({ maxStoreBytes: 5e8 });
  });
});
