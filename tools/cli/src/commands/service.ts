/** `espalier service`: one service by itself, on any machine that reaches the hub. */
import { type JsonValue } from '@espalier/base';
import { superviseChild } from '@espalier/service-kit';
import type { Command } from 'commander';
import { join } from 'node:path';
import { EXIT, examples, type CommandContext, type CommandModule, type CommonOptions } from '../command';
import { cliError } from '../errors';
import { CHILD_LOADER, DEFAULT_RUNS, SERVICE_NAMES, serviceEntry, type ServiceName } from '../installation';
import { onInterrupt } from '../interrupt';
import { terminalLogger } from '../output/terminal-logger';
import { wholeNumber } from '../parse';
import { pluginFolder } from '../plugin-places';
import { allowPluginOption, storeLimitOption, type StoreLimit } from '../run-options';
import { coordinatorSettings, serviceSettings } from '../service-settings';
import { tokenFrom } from '../token';

interface ServiceOptions extends CommonOptions, StoreLimit {
  readonly hub?: string;
  readonly tokenFile?: string;
  readonly dir?: string;
  readonly host: string;
  readonly advertise?: string;
  readonly port: number;
  readonly threads?: number;
  readonly allowPlugin: readonly string[];
}

export const serviceCommand: CommandModule = {
  configure(command: Command, context) {
    command
      .argument('<name>', SERVICE_NAMES.join(', '))
      .option('--hub <url>', 'the hub to work for, e.g. ws://10.0.0.5:7000 (not for the coordinator)')
      .option(
        '--token-file <file>',
        'holds the token (or set ESPALIER_TOKEN); the coordinator makes it when missing',
      )
      .option('--dir <folder>', 'where it keeps its things (default: a folder of its name under runs/.store)')
      .option('--host <address>', 'the address that it listens on', '127.0.0.1')
      .option('--advertise <address>', 'the address that others reach it by (default: --host)')
      .option('--port <n>', 'the port that it listens on; 0 takes a free one', wholeNumber('--port'), 0)
      .option('--threads <n>', 'threads of the engine', wholeNumber('--threads', 1))
      .addOption(storeLimitOption())
      .addOption(allowPluginOption())
      .addHelpText(
        'after',
        examples([
          ['espalier service coordinator --host 10.0.0.5 --port 7000 --token-file token', 'the hub'],
          [
            'espalier service trainer --hub ws://10.0.0.5:7000 --token-file token --host 10.0.0.6',
            'one that trains',
          ],
        ]),
      )
      .action((name: string, options: ServiceOptions) => service(name, options, context));
  },
};

async function service(name: string, options: ServiceOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  if (!isService(name)) throw cliError('CLI_SERVICE_UNKNOWN', { name, present: SERVICE_NAMES.join(', ') });
  const token = tokenFrom(options.tokenFile, { create: name === 'coordinator' });
  const dir = options.dir ?? join(DEFAULT_RUNS, ...(name === 'coordinator' ? [] : ['.store', name]));
  const allowPlugins = await Promise.all(options.allowPlugin.map((from) => pluginFolder(from, from, '.')));
  let wasUp = false;
  using interrupt = onInterrupt(
    () => terminal.note(wasUp ? `${name} is leaving` : `stopped before ${name} was up`),
    () => undefined,
  );
  await using child = superviseChild({
    name,
    entry: serviceEntry(name),
    execArgv: [CHILD_LOADER],
    logger: terminalLogger(terminal, options.debug ?? false),
    settings: (last) =>
      name === 'coordinator'
        ? coordinatorSettings({ dir, token, host: options.host, port: portOf(last) ?? options.port })
        : serviceSettings({
            dir,
            token,
            hub: requireHub(options.hub),
            host: options.host,
            port: options.port,
            allowPlugins,
            ...(options.advertise === undefined ? {} : { advertise: options.advertise }),
            ...(options.threads === undefined ? {} : { threads: options.threads }),
            ...(options.maxStoreBytes === undefined ? {} : { maxStoreBytes: options.maxStoreBytes }),
          }),
    onLine: (line) => terminal.note(line),
    onReady: (ready) => {
      wasUp = true;
      terminal.out(options.json ? JSON.stringify(ready) : `${name} is up: ${addressOf(ready)}`);
    },
  });
  const stopped = new Promise<void>((settle) => interrupt.signal.addEventListener('abort', () => settle()));
  await Promise.race([child.ended, stopped]);
  if (!wasUp) context.exitCode = EXIT.interrupted;
}

function isService(name: string): name is ServiceName {
  return (SERVICE_NAMES as readonly string[]).includes(name);
}

function requireHub(hub: string | undefined): string {
  if (hub === undefined)
    throw cliError('CLI_OPTION', { option: '--hub', value: '', expected: 'the URL of the hub' });
  return hub;
}

function portOf(ready: JsonValue | undefined): number | undefined {
  const port = (ready as { port?: unknown } | undefined)?.port;
  return typeof port === 'number' ? port : undefined;
}

function addressOf(ready: JsonValue): string {
  const { url, hubUrl, dataUrl } = ready as { url?: string; hubUrl?: string; dataUrl?: string };
  return hubUrl ?? dataUrl ?? url ?? JSON.stringify(ready);
}
