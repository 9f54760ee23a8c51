/** An animated PNG (APNG, in the PNG specification's third edition) of pictures that are PNG files of one size: README pages show it as it is. */
import { crc32 } from '@espalier/encoding';
import { deflateSync, inflateSync } from 'node:zlib';
import { indexed, pixelsOf } from './png-pixels';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export interface Frame {
  /** A PNG file. */
  readonly png: Uint8Array;
  readonly ms: number;
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** It goes round and round, in at most 256 colours. Throws for frames of another size than the first. */
export function animatedPng(frames: readonly Frame[]): Uint8Array {
  const pixels = frames.map(({ png }) => {
    const picture = chunksOf(png);
    return pixelsOf(dataOf(picture, 'IHDR'), rowsOf(picture));
  });
  const { width, height } = pixels[0];
  if (pixels.some((picture) => picture.width !== width || picture.height !== height)) {
    throw new Error('the frames differ in size');
  }
  const { palette, pictures } = indexed(pixels);
  const animation = Buffer.alloc(8);
  animation.writeUInt32BE(frames.length, 0);
  let sequence = 0;
  const body = pictures.flatMap((picture, i): Chunk[] => {
    const control = Buffer.alloc(26);
    control.writeUInt32BE(sequence++, 0);
    control.writeUInt32BE(width, 4);
    control.writeUInt32BE(height, 8);
    control.writeUInt16BE(frames[i].ms, 20);
    control.writeUInt16BE(1000, 22);
    const data = packedIndices(picture, width);
    if (i === 0) return [chunk('fcTL', control), chunk('IDAT', data)];
    const numbered = Buffer.alloc(4);
    numbered.writeUInt32BE(sequence++, 0);
    return [chunk('fcTL', control), chunk('fdAT', Buffer.concat([numbered, data]))];
  });
  const colours = palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]);
  const all = [
    chunk('IHDR', indexedHeader(width, height)),
    chunk('PLTE', Uint8Array.from(colours)),
    chunk('acTL', animation),
    ...body,
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([SIGNATURE, ...all.map(bytesOf)]);
}

/** 8 bits a pixel, which is a place in the palette. */
function indexedHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = 3;
  return header;
}

/** Without filters: neighbours in a palette are no neighbours in colour. */
function packedIndices(picture: Uint8Array, width: number): Buffer {
  const rows = Buffer.alloc(picture.length + picture.length / width);
  for (let from = 0, to = 1; from < picture.length; from += width, to += width + 1) {
    rows.set(picture.subarray(from, from + width), to);
  }
  return deflateSync(rows, { level: 9, memLevel: 9 });
}

/** The same picture in fewer bytes: browsers compress in a hurry. */
export function tighterPng(png: Uint8Array): Uint8Array {
  const picture = chunksOf(png);
  const kept = [
    chunk('IHDR', dataOf(picture, 'IHDR')),
    chunk('IDAT', packedTighter(picture)),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([SIGNATURE, ...kept.map(bytesOf)]);
}

/** Of a PNG file. */
export function pictureSize(png: Uint8Array): { readonly width: number; readonly height: number } {
  return sizeOf(dataOf(chunksOf(png), 'IHDR'));
}

function sizeOf(header: Buffer): { readonly width: number; readonly height: number } {
  return { width: header.readUInt32BE(0), height: header.readUInt32BE(4) };
}

function packedTighter(picture: readonly Chunk[]): Buffer {
  return deflateSync(rowsOf(picture), { level: 9, memLevel: 9 });
}

/** A filter byte and its pixels, row by row. */
function rowsOf(picture: readonly Chunk[]): Buffer {
  return inflateSync(Buffer.concat(picture.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
}

function chunksOf(png: Uint8Array): Chunk[] {
  const file = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (!file.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error('a frame is no PNG file');
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at < file.length;) {
    const length = file.readUInt32BE(at);
    chunks.push({
      type: file.toString('latin1', at + 4, at + 8),
      data: file.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
}

function dataOf(picture: readonly Chunk[], wanted: string): Buffer {
  const found = picture.find(({ type }) => type === wanted);
  if (!found) throw new Error(`a frame has no ${wanted}`);
  return Buffer.from(found.data);
}

function chunk(type: string, data: Uint8Array): Chunk {
  return { type, data };
}

function bytesOf({ type, data }: Chunk): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
