/**
 * Pictures of layers, by the key of the stage whose value they show: `<dir>/.store/views/<key>.json`. They follow from the key alone, so a stage
 * that comes from the cache has them too, in whatever run.
 */
import { errorMessage, type JsonValue, type Logger } from '@espalier/base';
import type { LayerView } from '@espalier/protocol';
import { RecordStore } from '@espalier/store';
import type { Digest } from '@espalier/tensor';
import { join } from 'node:path';

export const VIEWS_FOLDER = ['.store', 'views'] as const;

/** Stages whose pictures are held in memory; a layer has some 50 KB at most. */
const MAX_HELD = 16;

interface Stage {
  readonly layers: Map<string, LayerView>;
  /** The write that takes what has come by the time that it starts. */
  next: Promise<void> | undefined;
  running: Promise<void>;
}

export class ViewShelf {
  private readonly records: RecordStore;
  private readonly versions: Map<Digest, number>;
  /** The longest unused first. */
  private readonly held = new Map<Digest, Promise<Stage>>();

  private constructor(records: RecordStore, keys: readonly Digest[]) {
    this.records = records;
    this.versions = new Map(keys.map((key) => [key, 1]));
  }

  static async open(dir: string): Promise<ViewShelf> {
    const records = await RecordStore.open(join(dir, ...VIEWS_FOLDER));
    return new ViewShelf(records, await records.keys());
  }

  /** Takes a layer's picture in the place of an older one. Settles when it is on the disk. */
  async put(key: Digest, layer: LayerView): Promise<void> {
    const stage = await this.hold(key);
    stage.layers.set(layer.name, layer);
    this.versions.set(key, this.version(key) + 1);
    // Those that come while one is written are written together.
    stage.next ??= stage.running.then(() => {
      stage.next = undefined;
      const layers = [...stage.layers.values()] as unknown as JsonValue;
      const write = this.records.put(key, layers);
      stage.running = write.catch(() => undefined);
      return write;
    });
    await stage.next;
  }

  async get(key: Digest): Promise<readonly LayerView[] | undefined> {
    if (this.version(key) === 0) return undefined;
    return [...(await this.hold(key)).layers.values()];
  }

  /** 0: there are none. Grows with each that comes. */
  version(key: Digest): number {
    return this.versions.get(key) ?? 0;
  }

  /** Removes those of stages that are of no run any more. */
  async tidy(isNeeded: (key: Digest) => boolean, logger: Logger): Promise<void> {
    for (const key of [...this.versions.keys()]) {
      if (isNeeded(key)) continue;
      this.versions.delete(key);
      this.held.delete(key);
      try {
        await this.records.delete(key);
      } catch (error) {
        logger.warn('pictures that nobody needs cannot be removed', { key, problem: errorMessage(error) });
      }
    }
  }

  private hold(key: Digest): Promise<Stage> {
    const stage = this.held.get(key) ?? this.read(key);
    this.held.delete(key);
    this.held.set(key, stage);
    const [oldest] = this.held.keys();
    if (this.held.size > MAX_HELD) this.letGo(oldest);
    return stage;
  }

  /** When its last write is over. */
  private letGo(key: Digest): void {
    const stage = this.held.get(key);
    void stage
      ?.then(({ next, running }) => next ?? running)
      .catch(() => undefined)
      .then(() => {
        if (this.held.size > MAX_HELD && this.held.get(key) === stage) this.held.delete(key);
      });
  }

  private async read(key: Digest): Promise<Stage> {
    const known = (await this.records.find(key)) as unknown as readonly LayerView[] | undefined;
    const layers = new Map((known ?? []).map((layer) => [layer.name, layer]));
    return { layers, next: undefined, running: Promise.resolve() };
  }
}
