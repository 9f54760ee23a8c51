/** One change after the other, in the order in which they were asked for. */
export interface TurnQueueOptions {
  /** After each change, in its turn: sends what follows from it. A failure of it is the change's. */
  settle(): Promise<void>;
  /** What a change is refused with that comes after the end. */
  closedError(): Error;
}

export class TurnQueue {
  private readonly options: TurnQueueOptions;
  private tail: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(options: TurnQueueOptions) {
    this.options = options;
  }

  /** Runs one change after all earlier ones; settles when what follows from it is sent. */
  inTurn<T>(change: () => T | Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(this.options.closedError());
    const done = this.tail.then(async () => {
      const value = await change();
      if (!this.closed) await this.options.settle();
      return value;
    });
    // The caller has the failure by `done`; the next change must not inherit it.
    this.tail = done.catch(() => undefined);
    return done;
  }

  /** Settles when everything that was asked for so far is done; nothing is taken in afterwards. */
  async close(): Promise<void> {
    this.closed = true;
    await this.tail;
  }
}
