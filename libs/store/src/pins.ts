/** Pins: names under which somebody asked to keep snapshots and blobs, whatever becomes of the runs. Roots for the collector. */
import type { Digest } from '@espalier/tensor';
import { requireDigest } from './names';
import { RecordStore } from './record-store';

export class Pins {
  private constructor(private readonly records: RecordStore<{ roots: string[] }>) {}

  static async open(folder: string): Promise<Pins> {
    return new Pins(await RecordStore.open(folder));
  }

  /** Replaces what is pinned under `name`. Throws STORE_NAME. */
  async pin(name: string, roots: readonly Digest[]): Promise<void> {
    await this.records.put(name, { roots: roots.map(requireDigest) });
  }

  async unpin(name: string): Promise<void> {
    await this.records.delete(name);
  }

  async list(): Promise<ReadonlyMap<string, readonly Digest[]>> {
    const pins = new Map<string, readonly Digest[]>();
    for (const name of await this.records.keys()) pins.set(name, (await this.records.get(name))?.roots ?? []);
    return pins;
  }

  /** Everything pinned, for `collectGarbage`. */
  async roots(): Promise<Digest[]> {
    return [...(await this.list()).values()].flat();
  }
}
