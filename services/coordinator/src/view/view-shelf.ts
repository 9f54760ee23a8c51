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

const MiB = 2 ** 20;

export interface ShelfLimits {
  readonly runBytes: number;
  readonly stageBytes: number;
  readonly heldBytes: number;
}

/** A layer has some 50 KB at most. */
export const SHELF_LIMITS: ShelfLimits = {
  /** On the disk, of the stages of one run together: 40 of a network with 150 large layers. */
  runBytes: 256 * MiB,
  /** Of one stage. Layers beyond are kept without pictures, as long as they fit, then not at all. */
  stageBytes: 32 * MiB,
  /** In memory, of all stages together that nobody reads or writes just now. */
  heldBytes: 64 * MiB,
};

interface Stage {
  readonly layers: Map<string, LayerView>;
  /** Of all layers, as JSON. */
  bytes: number;
  /** What lay on the disk is in it. */
  ready: Promise<void>;
  /** Who read or write it now. */
  users: number;
  /** It is being removed, or is: what comes now is of another one of this key. */
  isGone: boolean;
  /** The write that takes what has come by the time that it starts. */
  next: Promise<void> | undefined;
  running: Promise<void>;
}

/** Of a run whose pictures are to be kept within their limit. Asked again after each removal. */
export interface ShelfRun {
  /** Of its stages, in their order. */
  keys(): readonly Digest[];
  /** The latest pictures that some run has: they stay. */
  latest(): ReadonlySet<Digest>;
}

export class ViewShelf {
  private readonly records: RecordStore;
  private readonly limits: ShelfLimits;
  private readonly versions: Map<Digest, number>;
  /** On the disk, or about to be. */
  private readonly sizes: Map<Digest, number>;
  /** The longest unused first. */
  private readonly held = new Map<Digest, Stage>();
  private readonly removals = new Map<Digest, Promise<void>>();
  /** One run is brought within its limit after the other: two at once would both remove what one of them must. */
  private turn: Promise<unknown> = Promise.resolve();

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
  put(key: Digest, layer: LayerView): Promise<void> {
    return this.use(key, async (stage) => {
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
    });
  }

  /**
   * Removes pictures of a run beyond its limit, those of its oldest stages first, never the latest of any run.
   * @returns the stages that have none any more
   */
  keepWithin(run: ShelfRun, logger: Logger): Promise<readonly Digest[]> {
    const done = this.turn.then(async () => {
      const removed: Digest[] = [];
      for (let key = this.beyond(run); key !== undefined; key = this.beyond(run)) {
        await this.remove(key, logger);
        removed.push(key);
      }
      return removed;
    });
    this.turn = done.catch(() => undefined);
    return done;
  }

  async get(key: Digest): Promise<readonly LayerView[] | undefined> {
    if (this.version(key) === 0) return undefined;
    return this.use(key, async ({ layers }) => [...layers.values()]);
  }

  /** 0: there are none. Grows with each that comes. */
  version(key: Digest): number {
    return this.versions.get(key) ?? 0;
  }

  /** Removes those of stages that are of no run any more. */
  async tidy(isNeeded: (key: Digest) => boolean, logger: Logger): Promise<void> {
    const keys = [...this.versions.keys()].filter((key) => !isNeeded(key));
    await Promise.all(keys.map((key) => this.remove(key, logger)));
  }

  /** The stage whose pictures go next; undefined when the run is within its limit, or all that is left stays. */
  private beyond({ keys, latest }: ShelfRun): Digest | undefined {
    const present = keys().filter((key) => this.version(key) > 0);
    const bytes = present.reduce((sum, key) => sum + (this.sizes.get(key) ?? 0), 0);
    if (bytes <= this.limits.runBytes) return undefined;
    const spared = latest();
    return present.find((key) => !spared.has(key));
  }

  /** What comes from now on is counted anew, and is written when this one is gone. */
  private remove(key: Digest, logger: Logger): Promise<void> {
    const stage = this.held.get(key);
    if (stage) stage.isGone = true;
    this.versions.delete(key);
    this.sizes.delete(key);
    this.held.delete(key);
    const removal = this.removeFile(key, stage)
      .catch((error: unknown) => {
        logger.warn('pictures that nobody needs cannot be removed', { key, problem: errorMessage(error) });
      })
      .finally(() => {
        if (this.removals.get(key) === removal) this.removals.delete(key);
      });
    this.removals.set(key, removal);
    return removal;
  }

  private async removeFile(key: Digest, stage: Stage | undefined): Promise<void> {
    await this.removals.get(key);
    // Its last write, which would bring the file back.
    await (stage?.next ?? stage?.running)?.catch(() => undefined);
    await this.records.delete(key);
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

  private async use<T>(key: Digest, work: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = this.hold(key);
    stage.users++;
    try {
      await stage.ready;
      if (!stage.isGone) return await work(stage);
    } finally {
      stage.users--;
      this.letGo();
    }
    return this.use(key, work);
  }

  private hold(key: Digest): Stage {
    const stage = this.held.get(key) ?? this.read(key);
    // To the end of the map: the latest used.
    this.held.delete(key);
    this.held.set(key, stage);
    return stage;
  }

  private letGo(): void {
    const idle = [...this.held].filter(([, { users }]) => users === 0);
    let bytes = idle.reduce((sum, [, stage]) => sum + stage.bytes, 0);
    for (const [key, stage] of idle) {
      if (bytes <= this.limits.heldBytes) return;
      bytes -= stage.bytes;
      this.held.delete(key);
    }
  }

  private read(key: Digest): Stage {
    const stage: Stage = {
      layers: new Map(),
      bytes: 0,
      ready: Promise.resolve(),
      users: 0,
      isGone: false,
      next: undefined,
      running: Promise.resolve(),
    };
    stage.ready = this.fill(key, stage).catch((error: unknown) => {
      // It is tried again with the next call.
      if (this.held.get(key) === stage) this.held.delete(key);
      throw error;
    });
    return stage;
  }

  private async fill(key: Digest, stage: Stage): Promise<void> {
    await this.removals.get(key);
    const known = (await this.records.find(key)) as unknown as readonly LayerView[] | undefined;
    for (const layer of known ?? []) {
      stage.layers.set(layer.name, layer);
      stage.bytes += bytesOf(layer);
    }
  }
}

/** Pictures are base64: letters are bytes. */
function bytesOf(layer: LayerView): number {
  return JSON.stringify(layer).length;
}
