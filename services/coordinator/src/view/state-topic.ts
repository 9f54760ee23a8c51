/** A topic whose whole value is sent: made into a message once for all who watch it, and only when it has changed. */
import type { JsonValue } from '@espalier/base';
import { encodeData } from '@espalier/protocol';

export interface StateFrame {
  readonly version: number;
  readonly frame: Uint8Array;
}

export class StateTopic {
  private readonly key: string;
  private readonly value: () => JsonValue | undefined;
  private stale = true;
  private text: string | undefined;
  private current: StateFrame | undefined;

  /** @param value the latest one; undefined while it is not known yet */
  constructor(key: string, value: () => JsonValue | undefined) {
    this.key = key;
    this.value = value;
  }

  /** Something that it is made of has changed. */
  touch(): void {
    this.stale = true;
  }

  /** Throws what `value` throws. */
  latest(): StateFrame | undefined {
    if (!this.stale) return this.current;
    const value = this.value();
    if (value === undefined) return this.current;
    this.stale = false;
    const text = JSON.stringify(value);
    if (text === this.text) return this.current;
    this.text = text;
    const version = (this.current?.version ?? 0) + 1;
    const bytes = new TextEncoder().encode(text);
    this.current = { version, frame: encodeData({ kind: 'view.state', topic: this.key, version }, bytes) };
    return this.current;
  }
}
