/** `espalier serve`: the hub and its services, kept up until Ctrl-C. */
import { newToken } from '@espalier/transport';
import type { Command } from 'commander';
import { examples, type CommandContext, type CommandModule, type CommonOptions } from '../command';
import { lockFolder } from '../folder-lock';
import { DEFAULT_RUNS } from '../installation';
import { onInterrupt } from '../interrupt';
import { startCluster } from '../local-cluster';
import { present } from '../output/terminal';
import { terminalLogger } from '../output/terminal-logger';
import { wholeNumber } from '../parse';
import { allowRecipe, pluginFolder } from '../plugin-places';
import { allowPluginOption, storeLimitOption, type StoreLimit } from '../run-options';
import { runsFolder } from '../runs-folder';
import { announceServing, dashboardLink } from '../serving';
import { tokenFrom } from '../token';

interface ServeOptions extends CommonOptions, StoreLimit {
  readonly runs: string;
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  readonly threads?: number;
  readonly allowPlugin: readonly string[];
}

export const serveCommand: CommandModule = {
  configure(command: Command, context) {
    command
      .option('--runs <folder>', 'where runs lie', DEFAULT_RUNS)
      .option(
        '--host <address>',
        'the address that the hub listens on; any but loopback is open to other machines',
        '127.0.0.1',
      )
      .option('--port <n>', 'the port of the hub; 0 takes a free one', wholeNumber('--port'), 0)
      .option(
        '--token-file <file>',
        'holds the token for services and for starting runs; made when missing (default: a fresh one)',
      )
      .option('--threads <n>', 'threads of the engines (default: all cores)', wholeNumber('--threads', 1))
      .addOption(storeLimitOption())
      .addOption(allowPluginOption())
      .addHelpText(
        'after',
        examples([
          ['espalier serve', 'prints a link to the dashboard for who may steer, and one for who may look on'],
          [
            'espalier serve --port 7000 --token-file token',
            'then: espalier run --hub ws://127.0.0.1:7000 --token-file token',
          ],
        ]),
      )
      .action((options: ServeOptions) => serve(options, context));
  },
};

async function serve(options: ServeOptions, { terminal }: CommandContext): Promise<void> {
  const folder = runsFolder(options.runs);
  using lock = lockFolder(folder, 'serve');
  using interrupt = onInterrupt(
    () => terminal.note('stopping; what is going on goes on when this is started again'),
    () => undefined,
  );
  const token = options.tokenFile === undefined ? newToken() : tokenFrom(options.tokenFile, { create: true });
  const viewerToken = newToken();
  const steerToken = newToken();
  await allowRecipe(folder, {}, '.');
  await using cluster = await startCluster({
    folder,
    token,
    viewerToken,
    steerToken,
    host: options.host,
    port: options.port,
    threads: options.threads,
    allowPlugins: await Promise.all(options.allowPlugin.map((from) => pluginFolder(from, from, '.'))),
    maxStoreBytes: options.maxStoreBytes,
    debug: options.debug,
    logger: terminalLogger(terminal, options.debug ?? false),
    onPids: (pids) => lock.children(pids),
  });
  const { url } = cluster.hub;
  using _serving = announceServing(folder, { url, token: viewerToken, steerToken });
  const link = dashboardLink(url, steerToken);
  const viewerLink = dashboardLink(url, viewerToken);
  const result = { url, link, viewerLink, runs: folder.path, pids: cluster.pids() };
  present(terminal, options.json, result, () => `to steer:   ${link}\nto look on: ${viewerLink}`);
  const stopped = new Promise<void>((settle) => interrupt.signal.addEventListener('abort', () => settle()));
  await Promise.race([stopped, cluster.failed]);
}
