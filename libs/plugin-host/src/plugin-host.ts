/** What the host of plugins shows. */
import type { Clock, Logger } from '@espalier/base';
import { type Plugin, type PluginManifest, type PluginPin } from '@espalier/plugin-api';
import type { Awaited } from './attached-package';
import type { PluginLimits } from './limits';
import type { LoadedPlugin } from './loaded-plugin';
import type { ConfinementKind } from './process/confinement';

export interface PluginHostOptions {
  /** Names of the plugins that may be started here; `*`: all. Those in this process need no leave. */
  readonly allow: readonly string[];
  /** Over `DEFAULT_PLUGIN_LIMITS`, for every plugin. */
  readonly limits?: Partial<PluginLimits>;
  /** Over `limits`, by plugin name. */
  readonly limitsOf?: Readonly<Record<string, Partial<PluginLimits>>>;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Where the host keeps sockets and the like while it lives. Default: a temporary folder of its own. */
  readonly folder?: string;
  /** Which version of the contracts this host has. Default: HOST_VERSION. For tests of versions. */
  readonly hostVersion?: string;
  /** No more than this, where the machine has it. Default: `bubblewrap`, the most. */
  readonly confinement?: ConfinementKind;
  /** Absolute paths of programs that `espalier-plugin.json` may name, such as `python3`. Default: looked up in PATH. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Tells a person how to start a plugin that `load` waits for; without it none such is waited for. */
  onAwaited?(awaited: Awaited): void;
}

export interface PluginSource {
  /** A folder (`./plugins/mine`, `/somewhere`), or the name of an installed package. */
  readonly from: string;
  /** What `from` is relative to: the recipe's folder. Default: the working directory. */
  readonly base?: string;
  /** What the resolved recipe pins. */
  readonly expect?: Partial<PluginPin>;
  /** Folders that it may write where its files are shut off: an observer's. */
  readonly writable?: readonly string[];
}

export interface AttachOptions {
  readonly expect?: Partial<PluginPin>;
  /** How long it is waited for. Default: 5 minutes. */
  readonly timeoutMs?: number;
  /** Where the host listens, decided by the first that is attached. Default: loopback, a free port. */
  readonly host?: string;
  readonly port?: number;
}

/** For a plugin that somebody starts by hand, on any machine that reaches `url`. */
export interface AttachInvitation extends AsyncDisposable {
  /** `ws://host:port/plugin` */
  readonly url: string;
  /** Its scope is `plugin`; good for this plugin alone. */
  readonly token: string;
  /** Settles when it has come and was admitted, or rejects with why not. */
  readonly plugin: Promise<LoadedPlugin>;
}

export interface PluginHost extends AsyncDisposable {
  /** Checks the digest, starts the plugin's process, or waits for a person to do so, and admits it. @throws PLUGIN_* */
  load(source: PluginSource): Promise<LoadedPlugin>;
  /** Manifest and digest; its process is ended again, and one that a person starts is not waited for. @throws PLUGIN_* */
  describe(source: PluginSource): Promise<{ readonly ref: PluginPin; readonly manifest: PluginManifest }>;
  /** Waits for one that is started by hand. */
  attach(options?: AttachOptions): Promise<AttachInvitation>;
  /** A first-party plugin, in this process, with the same face; `digest` pins its package's folder. */
  inProcess(plugin: Plugin, options?: { readonly digest?: string }): LoadedPlugin;
  /** Ends all. Nothing of them is left. */
  [Symbol.asyncDispose](): Promise<void>;
}
