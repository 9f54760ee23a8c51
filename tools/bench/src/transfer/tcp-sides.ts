/** Raw TCP between two Node processes, and no protocol: the connection's end is the payload's end. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { pieces } from './payload';
import type { Received, SideOptions, WaySides } from './ways';

async function listen(answer: (socket: Socket) => Promise<void>): Promise<{ address: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    void answer(socket).finally(() => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: String((server.address() as AddressInfo).port) };
}

async function send(socket: Socket, piece: Uint8Array): Promise<void> {
  if (!socket.write(piece)) await once(socket, 'drain');
}

const fileOwner = ({ payload }: SideOptions): Promise<{ address: string }> =>
  listen(async (socket) => {
    for await (const piece of pieces(payload.files)) await send(socket, piece);
  });

/** Calls `take` with every part; it may return a promise to slow the sender down. */
async function receiveAll(address: string, take: (part: Buffer) => unknown): Promise<number> {
  const socket = connect(Number(address), '127.0.0.1');
  let bytes = 0;
  for await (const part of socket as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    await take(part);
  }
  return bytes;
}

/** Without promises a part: as fast as sockets get. */
function receiveFast(address: string, take: (part: Buffer) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const socket = connect(Number(address), '127.0.0.1');
    socket.on('data', (part: Buffer) => {
      bytes += part.byteLength;
      take(part);
    });
    socket.on('error', reject);
    socket.on('end', () => resolve(bytes));
  });
}

export const tcpBareSides: WaySides = {
  owner: ({ payload }) =>
    listen(async (socket) => {
      const piece = new Uint8Array(2 ** 20).fill(7);
      for (let left = payload.bytes; left > 0; left -= piece.byteLength) {
        await send(socket, piece.subarray(0, left));
      }
    }),
  receiver: async ({ address }) => ({
    async receive(): Promise<Received> {
      return { bytes: await receiveFast(address, () => undefined), keptBytes: 0 };
    },
  }),
};

const toMemory = async ({ payload, address }: SideOptions, isHashed: boolean): Promise<Received> => {
  const memory = new Uint8Array(payload.bytes);
  const hash = createHash('sha256');
  let position = 0;
  const bytes = await receiveFast(address, (part) => {
    memory.set(part, position);
    position += part.byteLength;
    if (isHashed) hash.update(part);
  });
  if (isHashed && hash.digest('hex') !== payload.sha256) throw new Error('another digest');
  return { bytes, keptBytes: memory.byteLength };
};

export const tcpSides: WaySides = {
  owner: fileOwner,
  receiver: async (options) => ({ receive: () => toMemory(options, false) }),
};

export const tcpSha256Sides: WaySides = {
  owner: fileOwner,
  receiver: async (options) => ({ receive: () => toMemory(options, true) }),
};

export const tcpFileSides: WaySides = {
  owner: fileOwner,
  receiver: async ({ address, scratch }) => ({
    async receive() {
      const file = await open(join(scratch, 'tcp'), 'w');
      try {
        const bytes = await receiveAll(address, (part) => file.write(part));
        await file.sync();
        return { bytes, keptBytes: 0 };
      } finally {
        await file.close();
      }
    },
  }),
};
