/**
 * Does one thing at a time, for the latest wish: while a digit is drawn there is a wish with each frame, and only the last one
 * counts. Those in between are dropped.
 */
export class Latest<Wish> {
  readonly #carryOut: (wish: Wish) => Promise<void>;
  #busy = false;
  #next: { readonly wish: Wish } | undefined;

  constructor(carryOut: (wish: Wish) => Promise<void>) {
    this.#carryOut = carryOut;
  }

  want(wish: Wish): void {
    this.#next = { wish };
    if (!this.#busy) void this.#goOn();
  }

  async #goOn(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#next) {
        const { wish } = this.#next;
        this.#next = undefined;
        await this.#carryOut(wish);
      }
    } finally {
      this.#busy = false;
    }
  }
}
