import { BlobStore } from '@espalier/store';
import { pullSnapshot, pullSnapshotToMemory, serveBlobs } from '@espalier/transport';
import { join } from 'node:path';
import type { SideOptions, WaySides } from './ways';

async function owner({ payload, token }: SideOptions): Promise<{ address: string }> {
  const store = await BlobStore.open(payload.folder);
  const door = await serveBlobs({ store, tokens: [{ token, scope: 'service' }] });
  return { address: door.url };
}

export const espalierSides: WaySides = {
  owner,
  receiver: async ({ payload, address, token }) => ({
    async receive() {
      const { snapshot } = await pullSnapshotToMemory({ id: payload.id, urls: [address], token });
      const bytes = [...snapshot.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
      return { bytes, keptBytes: bytes };
    },
  }),
};

export const espalierStoreSides: WaySides = {
  owner,
  async receiver({ payload, address, token, scratch }) {
    const store = await BlobStore.open(join(scratch, 'store'));
    return {
      async receive() {
        const { wire } = await pullSnapshot({ id: payload.id, urls: [address], token, store });
        return { bytes: wire.dense, keptBytes: 0 };
      },
    };
  },
};
