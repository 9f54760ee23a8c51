/** The part of protobuf's wire format that is needed to write a SavedModel: varints, fixed32, and length-delimited fields. */

const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;

/** A message that grows field by field. */
export class Message {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  /** int32, int64, bool and enums; negative numbers take ten bytes, as protobuf has it. */
  integer(field: number, value: number): this {
    return this.push(varint(field * 8 + VARINT)).push(varint(value));
  }

  float(field: number, value: number): this {
    return this.push(varint(field * 8 + FIXED32)).push(new Uint8Array(new Float32Array([value]).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.push(varint(field * 8 + DELIMITED))
      .push(varint(value.length))
      .push(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    this.push(varint(field * 8 + DELIMITED)).push(varint(value.length));
    value.parts.forEach((part) => this.push(part));
    return this;
  }

  /** An entry of `map<string, Message>`: key is field 1, value field 2. */
  entry(field: number, key: string, value: Message): this {
    return this.message(field, new Message().text(1, key).message(2, value));
  }

  toBytes(): Uint8Array {
    const result = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      result.set(part, at);
      at += part.length;
    }
    return result;
  }

  private push(part: Uint8Array): this {
    this.parts.push(part);
    this.length += part.length;
    return this;
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
