import type { TensorForm } from '@espalier/tensor';
import type { WireBytes } from '@espalier/protocol';

/** Counts what a pull received, by form. */
export class WireMeter {
  private readonly counts = { dense: 0, masked: 0, had: 0, overhead: 0 };

  /** A message that carried `payload` bytes of a tensor. */
  received(messageBytes: number, payload: number, form: TensorForm): void {
    this.counts[form] += payload;
    this.counts.overhead += messageBytes - payload;
  }

  /** A message that carried none. */
  overhead(messageBytes: number): void {
    this.counts.overhead += messageBytes;
  }

  /** Dense bytes that need not be sent. */
  had(denseBytes: number): void {
    this.counts.had += denseBytes;
  }

  get payload(): number {
    return this.counts.dense + this.counts.masked;
  }

  total(): WireBytes {
    return { ...this.counts };
  }
}

/** The sum of two counts. */
export function addWire(a: WireBytes, b: WireBytes): WireBytes {
  return {
    dense: a.dense + b.dense,
    masked: a.masked + b.masked,
    had: a.had + b.had,
    overhead: a.overhead + b.overhead,
  };
}
