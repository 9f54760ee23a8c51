/** Options of the commands that carry a run out (`run`, `undo`), and the limit of stores, which others share. */
import { Option, type Command } from 'commander';
import type { CommonOptions } from './command';
import { DEFAULT_RUNS } from './installation';
import { byteCount, gather } from './parse';

export interface StoreLimit {
  readonly maxStoreBytes?: number;
}

export interface CarryOutOptions extends CommonOptions, StoreLimit {
  readonly set: readonly string[];
  readonly runs: string;
  readonly inProcess?: boolean;
  readonly quiet?: boolean;
  /** Another hub than one that is started here. */
  readonly hub?: string;
  readonly tokenFile?: string;
  /** Where that hub's services reach this machine. */
  readonly host: string;
}

/** What two of them mean for this command. */
export interface OptionTexts {
  readonly set: string;
  readonly hub: string;
}

export function addCarryOutOptions(command: Command, texts: OptionTexts): Command {
  return command
    .option('--set <key=value>', texts.set, gather, [])
    .option('--runs <folder>', 'where runs lie', DEFAULT_RUNS)
    .option('--in-process', 'the same stages without services and sockets')
    .option('--quiet', 'no progress')
    .option('--hub <url>', texts.hub)
    .option('--token-file <file>', "the hub's token, with --hub (or ESPALIER_TOKEN)")
    .option('--host <address>', 'where the hub and its services reach this machine, with --hub', '127.0.0.1')
    .addOption(storeLimitOption());
}

/** The services that are started here keep to it; those of another hub have their own. */
export function storeLimitOption(): Option {
  return new Option(
    '--max-store-bytes <size>',
    "size that each service's store is kept below, e.g. 5GB; results in use and pinned runs stay (default: 20 GiB, or 80 % of a smaller disk)",
  )
    .argParser(byteCount('--max-store-bytes'))
    .env('ESPALIER_MAX_STORE_BYTES');
}

/** For services that take recipes from elsewhere: what they may start is for who starts them to say. */
export function allowPluginOption(): Option {
  return new Option(
    '--allow-plugin <folder>',
    'a plugin, by folder or installed package, that recipes and swaps may name; may be repeated',
  )
    .argParser(gather)
    .default([]);
}
