/** A reader of event files for tests, written from the formats' descriptions and sharing nothing with the writer. */

export interface ReadEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion?: string;
  readonly values: readonly ReadValue[];
}

export interface ReadValue {
  readonly tag: string;
  readonly simpleValue?: number;
  readonly histogram?: Readonly<Record<'min' | 'max' | 'num' | 'sum' | 'sumSquares', number>> & {
    readonly bucketLimit: readonly number[];
    readonly bucket: readonly number[];
  };
}

/** Throws where a length or a checksum is wrong. */
export function readEvents(file: Buffer): ReadEvent[] {
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 8) !== masked(file.subarray(at, at + 8))) throw new Error(`length at ${at}`);
    if (file.readUInt32LE(at + 12 + length) !== masked(data)) throw new Error(`data at ${at}`);
    events.push(eventOf(fieldsOf(data)));
    at += length + 16;
  }
  return events;
}

/** Bit by bit, polynomial 0x1EDC6F41 with the lowest bit first. */
export function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const mixed = (crc & 1n) ^ BigInt((byte >> bit) & 1);
      crc = (crc >> 1n) ^ (mixed === 1n ? 0x82f63b78n : 0n);
    }
  }
  return Number(crc ^ 0xffffffffn);
}

function masked(bytes: Uint8Array): number {
  const crc = BigInt(slowCrc32c(bytes));
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

type Fields = ReadonlyMap<number, readonly (number | Buffer)[]>;

function fieldsOf(data: Buffer): Fields {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = data[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const key = varint();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    let value: number | Buffer;
    if (wire === 0) value = varint();
    else if (wire === 1) value = data.readDoubleLE((at += 8) - 8);
    else if (wire === 5) value = data.readFloatLE((at += 4) - 4);
    else {
      const length = varint();
      value = data.subarray(at, (at += length));
    }
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

const buffers = (fields: Fields, field: number): Buffer[] => (fields.get(field) ?? []) as Buffer[];
const number = (fields: Fields, field: number): number => (fields.get(field)?.[0] ?? 0) as number;

function eventOf(fields: Fields): ReadEvent {
  return {
    wallTime: number(fields, 1),
    step: number(fields, 2),
    ...(fields.has(3) ? { fileVersion: buffers(fields, 3)[0].toString() } : {}),
    values: buffers(fields, 5).flatMap((summary) =>
      buffers(fieldsOf(summary), 1).map((each) => valueOf(fieldsOf(each))),
    ),
  };
}

function valueOf(fields: Fields): ReadValue {
  const tag = buffers(fields, 1)[0].toString();
  if (fields.has(2)) return { tag, simpleValue: number(fields, 2) };
  const histogram = fieldsOf(buffers(fields, 5)[0]);
  const [min, max, num, sum, sumSquares] = [1, 2, 3, 4, 5].map((field) => number(histogram, field));
  const [bucketLimit, bucket] = [6, 7].map((field) => doublesOf(buffers(histogram, field)[0]));
  return { tag, histogram: { min, max, num, sum, sumSquares, bucketLimit, bucket } };
}

function doublesOf(packed: Buffer): number[] {
  return Array.from({ length: packed.length / 8 }, (_, i) => packed.readDoubleLE(8 * i));
}
