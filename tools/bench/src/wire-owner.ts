/**
 * The owner's process of bench `wire`: makes the snapshots and serves them. Says its address and their ids as one line of
 * JSON; ends when its standard input does.
 */
import { BlobStore } from '@espalier/store';
import { serveBlobs } from '@espalier/transport';
import { denseSnapshot, prunedSnapshot, withOtherBiases } from './wire-snapshots';

export interface WireOwnerSays {
  readonly port: number;
  readonly path: string;
  readonly dense: string;
  readonly pruned: string;
  readonly otherBiases: string;
}

async function main(folder: string, keep: number, token: string): Promise<void> {
  const store = await BlobStore.open(folder);
  const dense = denseSnapshot();
  const pruned = await prunedSnapshot(dense, keep);
  const { id: denseId } = await store.putSnapshot(dense);
  const { id: prunedId } = await store.putSnapshot(pruned);
  const { id: otherBiasesId } = await store.putSnapshot(withOtherBiases(pruned));
  const door = await serveBlobs({ store, tokens: [{ token, scope: 'service' }] });
  const says: WireOwnerSays = {
    port: door.port,
    path: new URL(door.url).pathname,
    dense: denseId,
    pruned: prunedId,
    otherBiases: otherBiasesId,
  };
  process.stdout.write(`${JSON.stringify(says)}\n`);
  process.stdin.resume().on('end', () => process.exit());
}

void main(process.argv[2], Number(process.argv[3]), process.env['ESPALIER_TOKEN'] ?? '');
