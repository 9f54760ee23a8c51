/** How much is under way at the same time: so many calls, and so many bytes, or one call that has more alone. */
export class Gate {
  private calls = 0;
  private bytes = 0;
  private readonly waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(
    private readonly maxCalls: number,
    private readonly maxBytes: number,
  ) {}

  /** Undefined: go on at once; else when it resolves. In the order in which they came. */
  enter(bytes: number): Promise<void> | undefined {
    if (this.waiting.length === 0 && this.fits(bytes)) {
      this.take(bytes);
      return undefined;
    }
    return new Promise((enter) => this.waiting.push({ bytes, enter }));
  }

  leave(bytes: number): void {
    this.calls--;
    this.bytes -= bytes;
    while (this.waiting.length > 0 && this.fits(this.waiting[0].bytes)) {
      const next = this.waiting.shift() as { readonly bytes: number; readonly enter: () => void };
      this.take(next.bytes);
      next.enter();
    }
  }

  private fits(bytes: number): boolean {
    return this.calls === 0 || (this.calls < this.maxCalls && this.bytes + bytes <= this.maxBytes);
  }

  private take(bytes: number): void {
    this.calls++;
    this.bytes += bytes;
  }
}
