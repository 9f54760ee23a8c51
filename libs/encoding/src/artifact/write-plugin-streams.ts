/** The streams of tensors that plugins coded, as `plugin-stream.ts` reads them. */
import { bytesOf } from '@espalier/tensor';
import { crc32 } from '../crc32';
import type { PluginCodec } from './artifact-tensor';
import { varint } from './container';
import type { PluginPart } from './plugin-stream';

const DIGEST_BYTES = 32;

/** Their streams, in the order of the file. */
export function writePluginStreams(parts: readonly PluginPart[]): Uint8Array[] {
  const places = new Map<string, number>();
  return parts.map(({ codec, bytes, checksum }) => {
    const description = describe(codec);
    const id = description.join();
    const known = places.get(id);
    if (known === undefined) places.set(id, places.size + 1);
    const checked = [0, 8, 16, 24].map((shift) => (checksum >>> shift) & 255);
    const head = known === undefined ? [0, ...description] : varint(known);
    return Uint8Array.from([...head, ...checked, ...bytes]);
  });
}

export function checksumOf(values: Float32Array): number {
  return crc32(bytesOf(values));
}

function describe({ plugin, version, digest, codec, options }: PluginCodec): number[] {
  const sorted = Object.fromEntries(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = new TextEncoder().encode(JSON.stringify([plugin, version, codec, sorted]));
  const bytes = Array.from({ length: DIGEST_BYTES }, (_, i) =>
    Number.parseInt(digest.slice(2 * i, 2 * i + 2), 16),
  );
  return [...bytes, ...varint(text.length), ...text];
}
