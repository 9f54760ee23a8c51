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

/** Stages whose pictures are held in memory. */
const MAX_HELD = 16;

const MiB = 2 ** 20;

export interface ShelfLimits {
  readonly runBytes: number;
  readonly stageBytes: number;
}

/** A layer has some 50 KB at most. */
export const SHELF_LIMITS: ShelfLimits = {
  /** On the disk, of the stages of one run together: 40 of a network with 150 large layers. */
  runBytes: 256 * MiB,
  /** Of one stage. Layers beyond are kept without pictures, as long as they fit, then not at all. */
  stageBytes: 32 * MiB,
};

interface Stage {
  readonly layers: Map<string, LayerView>;
  /** Of all layers, as JSON. */
  bytes: number;
  /** The write that takes what has come by the time that it starts. */
  next: Promise<void> | undefined;
  running: Promise<void>;
}

export class ViewShelf {
  private readonly records: RecordStore;
  private readonly limits: ShelfLimits;
  private readonly versions: Map<Digest, number>;
  /** On the disk, or about to be. */
  private readonly sizes: Map<Digest, number>;
  /** The longest unused first. */
  private readonly held = new Map<Digest, Promise<Stage>>();

  private constructor(records: RecordStore, sizes: Map<Digest, number>, limits: ShelfLimits) {
    this.records = records;
    this.limits = limits;
    this.sizes = sizes;
    this.versions = new Map([...sizes.keys()].map((key) => [key, 1]));
  }

  static async open(dir: string, limits = SHELF_LIMITS): Promise<ViewShelf> {
    const records = await RecordStore.open(join(dir, ...VIEWS_FOLDER));
    const sizes = new Map<Digest, number>();
    for (const key of await records.keys()) sizes.set(key, await records.bytes(key));
    return new ViewShelf(records, sizes, limits);
  }

  /** Takes a layer's picture in the place of an older one. Settles when it is on the disk. */
  async put(key: Digest, layer: LayerView): Promise<void> {
    const stage = await this.hold(key);
    if (!this.take(stage, layer)) return;
    this.versions.set(key, this.version(key) + 1);
    this.sizes.set(key, stage.bytes);
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

  /**
   * Removes pictures of a run beyond its limit, those of its oldest stages first, never those of the last one that has any.
   * @param keys of its stages, in their order
   */
  async keepWithin(keys: readonly Digest[], logger: Logger): Promise<void> {
    const present = keys.filter((key) => this.version(key) > 0);
    let bytes = present.reduce((sum, key) => sum + this.sizeOf(key), 0);
    for (const key of present.slice(0, -1)) {
      if (bytes <= this.limits.runBytes) return;
      bytes -= this.sizeOf(key);
      await this.remove(key, logger);
    }
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
      if (!isNeeded(key)) await this.remove(key, logger);
    }
  }

  private async remove(key: Digest, logger: Logger): Promise<void> {
    this.versions.delete(key);
    this.sizes.delete(key);
    this.held.delete(key);
    try {
      await this.records.delete(key);
    } catch (error) {
      logger.warn('pictures that nobody needs cannot be removed', { key, problem: errorMessage(error) });
    }
  }

  private sizeOf(key: Digest): number {
    return this.sizes.get(key) ?? 0;
  }

  /** False: there is no room for it, even without its pictures. */
  private take(stage: Stage, layer: LayerView): boolean {
    const before = stage.layers.get(layer.name);
    const others = stage.bytes - (before ? bytesOf(before) : 0);
    const { name, kind, shape, weights, kept } = layer;
    const taken = [layer, { name, kind, shape, weights, kept }].find(
      (each) => others + bytesOf(each) <= this.limits.stageBytes,
    );
    if (!taken) return false;
    stage.layers.set(name, taken);
    stage.bytes = others + bytesOf(taken);
    return true;
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
    const bytes = [...layers.values()].reduce((sum, layer) => sum + bytesOf(layer), 0);
    return { layers, bytes, next: undefined, running: Promise.resolve() };
  }
}

/** Pictures are base64: letters are bytes. */
function bytesOf(layer: LayerView): number {
  return JSON.stringify(layer).length;
}
