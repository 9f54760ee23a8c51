/** A host of plugins: finds, checks, starts, admits and ends them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock, type Clock, type Logger } from '@espalier/base';
import { HOST_VERSION, type PluginManifest, type PluginPin } from '@espalier/plugin-api';
import { admitLife } from './admit-life';
import { admitManifest } from './admit-manifest';
import { Arrivals } from './attached';
import type { AttachedStart } from './attached-package';
import { digestFolder } from './digest-folder';
import { pluginHostError } from './errors';
import { findPlugin, type OwnStart, type PluginPackage } from './find-plugin';
import { Guests } from './guests';
import { digestOfManifest, hostInProcess } from './in-process';
import { DEFAULT_PLUGIN_LIMITS, type PluginLimits } from './limits';
import type { LoadedPlugin } from './loaded-plugin';
import type {
  AttachInvitation,
  AttachOptions,
  PluginHost,
  PluginHostOptions,
  PluginSource,
} from './plugin-host';
import { findConfinement, type Confinement } from './process/confinement';
import { beginLife, type OwnProcessOptions } from './process/own-process';
import { protectionBy } from './process/protection';
import { runnerFile } from './process/runner-file';
import { startCommand } from './process/start-command';
import { CallStatistics } from './statistics';

type Place = Omit<PluginPackage, 'start'>;

/** Somebody has to type. */
const ATTACH_TIMEOUT_MS = 300_000;

/** Starts nothing before the first `load`. */
export async function openPluginHost(options: PluginHostOptions): Promise<PluginHost> {
  return new Host(options, await mkdtemp(join(options.folder ?? tmpdir(), 'espalier-plugins-')));
}

class Host implements PluginHost {
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly hostVersion: string;
  private readonly guests: Guests;
  private readonly loaded = new Set<LoadedPlugin>();
  private readonly invitations = new Set<AttachInvitation>();
  private runner: Promise<string> | undefined;
  private confinement: Confinement | undefined;

  constructor(
    private readonly options: PluginHostOptions,
    private readonly folder: string,
  ) {
    this.clock = options.clock ?? systemClock;
    this.logger = options.logger ?? silentLogger;
    this.hostVersion = options.hostVersion ?? HOST_VERSION;
    this.guests = new Guests(folder);
  }

  inProcess(...[plugin, { digest } = {}]: Parameters<PluginHost['inProcess']>): LoadedPlugin {
    const { clock, hostVersion } = this;
    const hosted = hostInProcess(plugin, { clock, hostVersion, ...(digest !== undefined && { digest }) });
    this.loaded.add(hosted);
    return hosted;
  }

  async load(source: PluginSource): Promise<LoadedPlugin> {
    const { ref, pack, start } = await this.check(source);
    if ('attach' in start) return this.awaitByHand(ref, start);
    const stop = new AbortController();
    const how = { ...(await this.howToStart({ ...pack, start }, source)), signal: stop.signal };
    const hosted = await admitLife(await beginLife(how), {
      ...how,
      ref,
      where: 'own-process',
      logger: this.logger,
      begin: () => beginLife(how),
      onEnd: (plugin) => {
        stop.abort();
        this.loaded.delete(plugin);
      },
    });
    this.loaded.add(hosted);
    return hosted;
  }

  async describe(
    source: PluginSource,
  ): Promise<{ readonly ref: PluginPin; readonly manifest: PluginManifest }> {
    const { ref, pack, start } = await this.check(source);
    const { name, version } = ref;
    if ('attach' in start) {
      admitManifest(start.manifest, { hostVersion: this.hostVersion, name, version });
      return { ref, manifest: start.manifest };
    }
    const how = await this.howToStart({ ...pack, start }, source);
    const { session, manifest, end } = await beginLife(how);
    try {
      admitManifest(manifest, { hostVersion: this.hostVersion, name, version });
      return { ref, manifest };
    } catch (error) {
      session.refuse(error as Error);
      throw error;
    } finally {
      await end();
    }
  }

  async attach(options: AttachOptions = {}): Promise<AttachInvitation> {
    const { timeoutMs = ATTACH_TIMEOUT_MS, expect = {} } = options;
    const url = await this.guests.listenOn(options);
    const arrivals = new Arrivals(this.guests, {
      expectedName: expect.name ?? 'attached',
      hostVersion: this.hostVersion,
      limits: this.limitsOf(expect.name),
      clock: this.clock,
    });
    const plugin = this.admitAttached(arrivals, { timeoutMs, expect });
    plugin.catch(() => arrivals.close());
    const dispose = async (): Promise<void> => {
      arrivals.close();
      await plugin.then(
        (loaded) => loaded[Symbol.asyncDispose](),
        () => undefined,
      );
    };
    const { token } = arrivals.guest;
    const invitation = { url, token, plugin, [Symbol.asyncDispose]: dispose };
    this.invitations.add(invitation);
    const settled = (): void => void this.invitations.delete(invitation);
    void plugin.then(settled, settled);
    return invitation;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.invitations, ...this.loaded];
    await Promise.all(all.map((each) => each[Symbol.asyncDispose]()));
    await this.guests.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Everything that can be known before its code runs. */
  private async check(
    source: PluginSource,
  ): Promise<{ readonly ref: PluginPin; readonly pack: Place; readonly start: PluginPackage['start'] }> {
    const { start, ...pack } = await findPlugin(source.from, source.base);
    const { name, version, folder } = pack;
    const { allow } = this.options;
    if (!allow.includes('*') && !allow.includes(name)) {
      throw pluginHostError('PLUGIN_NOT_ALLOWED', { plugin: name });
    }
    const digest = 'attach' in start ? digestOfManifest(start.manifest) : await digestFolder(folder);
    const ref = { name, version, digest };
    requireExpected(ref, source.expect ?? {}, folder);
    return { ref, pack, start };
  }

  private async awaitByHand(ref: PluginPin, { attach }: AttachedStart): Promise<LoadedPlugin> {
    const { onAwaited } = this.options;
    const plugin = ref.name;
    if (!onAwaited) throw pluginHostError('PLUGIN_BY_HAND', { plugin });
    const { url, token, plugin: arrived } = await this.attach({ ...attach, expect: ref });
    onAwaited({ plugin, url, token });
    return arrived;
  }

  private async howToStart(
    pack: Place & { readonly start: OwnStart },
    source: PluginSource,
  ): Promise<OwnProcessOptions> {
    await this.guests.listenHere();
    this.confinement ??= this.findConfinement();
    const { confinement, clock, hostVersion } = this;
    const limits = this.limitsOf(pack.name);
    const command = await startCommand(pack, {
      hostFolder: this.folder,
      runner: () => (this.runner ??= runnerFile(this.folder)),
      programs: this.options.programs ?? {},
      writable: source.writable ?? [],
      memoryBytes: limits.memoryBytes,
    });
    return {
      plugin: pack.name,
      hostVersion,
      limits,
      clock,
      confinement,
      statistics: new CallStatistics(clock),
      command,
      invite: (onConnection) => {
        const guest = this.guests.invite((connection) => {
          // One process, one connection.
          guest.withdraw();
          onConnection(connection);
        });
        return { env: this.guests.environment(guest), withdraw: () => guest.withdraw() };
      },
    };
  }

  private async admitAttached(
    arrivals: Arrivals,
    { timeoutMs, expect }: { readonly timeoutMs: number; readonly expect: Partial<PluginPin> },
  ): Promise<LoadedPlugin> {
    const { clock, logger, hostVersion } = this;
    const first = await arrivals.next(timeoutMs);
    const { name, version } = first.manifest;
    const ref = { name, version, digest: digestOfManifest(first.manifest) };
    try {
      requireSaid(ref, expect);
    } catch (error) {
      first.session.refuse(error as Error);
      throw error;
    }
    const limits = this.limitsOf(name);
    const hosted = await admitLife(first, {
      ref,
      where: 'attached',
      hostVersion,
      limits,
      clock,
      logger,
      statistics: new CallStatistics(clock),
      begin: () => arrivals.next(limits.startTimeoutMs),
      onEnd: (plugin) => {
        arrivals.close();
        this.loaded.delete(plugin);
      },
    });
    this.loaded.add(hosted);
    return hosted;
  }

  private findConfinement(): Confinement {
    const found = findConfinement(this.options.confinement);
    const { by, held, unlimited } = protectionBy(found);
    const told = { by, held: held.join(', ') || 'nothing', unlimited: unlimited.join(', ') || 'nothing' };
    this.logger.info('processes of plugins are shut in', told);
    return found;
  }

  private limitsOf(plugin = ''): PluginLimits {
    return { ...DEFAULT_PLUGIN_LIMITS, ...this.options.limits, ...this.options.limitsOf?.[plugin] };
  }
}

/** @throws PLUGIN_IDENTITY, PLUGIN_DIGEST */
function requireExpected(ref: PluginPin, expect: Partial<PluginPin>, folder: string): void {
  requireIdentity(ref, expect);
  const { name: plugin, digest: actual } = ref;
  const { digest: expected = actual } = expect;
  if (expected !== actual) throw pluginHostError('PLUGIN_DIGEST', { plugin, folder, actual, expected });
}

/** Of one that a person started: it is what it says. @throws PLUGIN_IDENTITY, PLUGIN_ATTACHED */
function requireSaid(ref: PluginPin, expect: Partial<PluginPin>): void {
  requireIdentity(ref, expect);
  const { name: plugin, digest: actual } = ref;
  const { digest: expected = actual } = expect;
  if (expected !== actual) throw pluginHostError('PLUGIN_ATTACHED', { plugin, actual, expected });
}

function requireIdentity({ name, version }: PluginPin, expect: Partial<PluginPin>): void {
  const wanted = { name: expect.name ?? name, version: expect.version ?? version };
  if (wanted.name !== name || wanted.version !== version) {
    const [expected, actual] = [`${wanted.name} ${wanted.version}`, `${name} ${version}`];
    throw pluginHostError('PLUGIN_IDENTITY', { expected, actual });
  }
}
