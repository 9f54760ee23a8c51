/**
 * The plugins that are loaded, each once, and when each goes. What a work (a stage) asks for is held until the work's end, and rests for the
 * next one; what it did not ask for is drained and removed then: that is how the old plugin of a swap goes, whatever has taken its place.
 * One that was let in for a swap stays ready until a work that began afterwards has ended, or until another is let in.
 */
import { errorMessage, type Logger } from '@espalier/base';
import type { PluginPin } from '@espalier/plugin-api';
import type { LoadedPlugin } from './loaded-plugin';

/** What calls may take to be answered that a work left under way when it was cut. */
const DRAIN_MS = 5_000;

export interface PluginShelfOptions {
  load(pin: PluginPin): Promise<LoadedPlugin>;
  readonly logger: Logger;
}

export interface PluginWork {
  /** @throws what `load` throws; a failure is not remembered: it may have been mended when it is asked for again */
  find(pin: PluginPin): Promise<LoadedPlugin>;
  /** @param rests does what it asked for stay for the next work? */
  end(rests: boolean): void;
}

interface Shelved {
  readonly digest: string;
  readonly plugin: Promise<LoadedPlugin>;
  /** Absent until it is. */
  loaded?: LoadedPlugin;
  /** Works that have asked for it, and tries that are under way. */
  holders: number;
}

export class PluginShelf {
  private readonly shelved = new Map<string, Shelved>();
  private resting: ReadonlySet<Shelved> = new Set();
  private ready: { readonly one: Shelved; readonly worksBefore: number } | undefined;
  private works = 0;

  constructor(private readonly options: PluginShelfOptions) {}

  loaded(): readonly LoadedPlugin[] {
    return [...this.shelved.values()].flatMap(({ loaded }) => loaded ?? []);
  }

  begin(): PluginWork {
    const number = ++this.works;
    const asked = new Set<Shelved>();
    return {
      find: (pin) => {
        const one = this.take(pin);
        if (!asked.has(one)) one.holders++;
        asked.add(one);
        return one.plugin;
      },
      end: (rests) => {
        for (const one of asked) one.holders--;
        this.resting = rests ? asked : new Set();
        if (this.ready && number > this.ready.worksBefore) this.ready = undefined;
        for (const one of this.shelved.values()) this.removeUnused(one);
      },
    };
  }

  /** Loads it beside the others; it stays ready when `attempt` succeeds. @throws what `load` or `attempt` throws */
  async letIn<T>(pin: PluginPin, attempt: (plugin: LoadedPlugin) => Promise<T>): Promise<T> {
    const one = this.take(pin);
    const before = this.ready?.one;
    one.holders++;
    try {
      const value = await attempt(await one.plugin);
      this.ready = { one, worksBefore: this.works };
      return value;
    } finally {
      one.holders--;
      this.removeUnused(one);
      if (before) this.removeUnused(before);
    }
  }

  private take(pin: PluginPin): Shelved {
    const known = this.shelved.get(pin.digest);
    if (known) return known;
    const { digest } = pin;
    const one: Shelved = { digest, plugin: this.options.load(pin), holders: 0 };
    this.shelved.set(digest, one);
    one.plugin.then(
      (plugin) => (one.loaded = plugin),
      () => this.shelved.delete(digest),
    );
    return one;
  }

  private removeUnused(one: Shelved): void {
    const isUsed = one.holders > 0 || this.resting.has(one) || this.ready?.one === one;
    if (isUsed || this.shelved.get(one.digest) !== one) return;
    this.shelved.delete(one.digest);
    void this.remove(one);
  }

  private async remove({ plugin, digest }: Shelved): Promise<void> {
    const { logger } = this.options;
    try {
      const loaded = await plugin;
      const { unanswered } = await loaded.drain(DRAIN_MS);
      const { name, version } = loaded.ref;
      logger.info('a plugin that nothing uses any more is removed', { name, version, digest, unanswered });
    } catch (error) {
      logger.warn('a plugin could not be removed', { digest, problem: errorMessage(error) });
    }
  }
}
