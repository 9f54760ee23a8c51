/** One holder a key, within this process. Several keys are taken in sorted order, so that two callers never wait for each other. */
export class KeyedLocks {
  private readonly tails = new Map<string, Promise<void>>();

  async hold<T>(keys: readonly string[], action: () => Promise<T>): Promise<T> {
    const releases: (() => void)[] = [];
    try {
      for (const key of [...new Set(keys)].sort()) releases.push(await this.take(key));
      return await action();
    } finally {
      for (const release of releases) release();
    }
  }

  private async take(key: string): Promise<() => void> {
    const before = this.tails.get(key);
    let release!: () => void;
    const mine = new Promise<void>((resolve) => {
      release = () => {
        if (this.tails.get(key) === mine) this.tails.delete(key);
        resolve();
      };
    });
    this.tails.set(key, mine);
    await before;
    return release;
  }
}
