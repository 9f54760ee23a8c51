/** As much of protobuf's encoding as an event file needs. Fields that are not named here are left out: proto3 defaults. */

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export class ProtoWriter {
  private readonly parts: number[] = [];

  /** int64, not negative, up to 2^53. */
  int(field: number, value: number): this {
    this.key(field, WIRE.varint);
    return this.varint(value);
  }

  double(field: number, value: number): this {
    this.key(field, WIRE.fixed64);
    return this.raw(doubles([value]));
  }

  float(field: number, value: number): this {
    this.key(field, WIRE.fixed32);
    return this.raw(new Uint8Array(Float32Array.of(value).buffer));
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** A nested message, or bytes. */
  bytes(field: number, value: Uint8Array): this {
    this.key(field, WIRE.bytes);
    return this.varint(value.length).raw(value);
  }

  packedDoubles(field: number, values: readonly number[]): this {
    return this.bytes(field, doubles(values));
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.parts);
  }

  private key(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  private varint(value: number): this {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.parts.push((rest % 128) | 128);
    this.parts.push(rest);
    return this;
  }

  private raw(bytes: Uint8Array): this {
    for (const byte of bytes) this.parts.push(byte);
    return this;
  }
}

/** Little-endian, whatever the machine. */
function doubles(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setFloat64(8 * i, value, true));
  return bytes;
}
