/**
 * The owner's side of the data plane: shows a store to those who have the token. The owner is the WebSocket server,
 * because frames from a server are not masked. It sends only what there is credit for, so its memory is bounded by the
 * window of each transfer, whatever the snapshot's size and however slow the reader.
 */
import { errorCode, errorMessage, silentLogger, type Logger } from '@espalier/base';
import { decodeData, encodeData, PROTOCOL_LIMITS, type DataHeader } from '@espalier/protocol';
import type { BlobStore } from '@espalier/store';
import { openDoor, type Accepted, type Door, type DoorOptions } from '../accept';
import { CLOSE } from '../close-codes';
import { OutgoingTransfer } from './outgoing-transfer';

export const BLOBS_PATH = '/blobs';

/** One receiver pulls one snapshot after the other; a few at the same time are generous. */
const MAX_TRANSFERS = 8;

/** A receiver gives credit for each chunk that it has written: so long takes no disk that works. */
const CREDIT_TIMEOUT_MS = 60_000;

export interface ServeBlobsOptions extends DoorOptions {
  readonly store: BlobStore;
  /** How long a transfer may wait for its receiver's credit before the connection is closed. Default: 60 s. */
  readonly creditTimeoutMs?: number;
  readonly logger?: Logger;
}

/** Listens on loopback unless told otherwise. Viewers' tokens are not taken. Throws TRANSPORT_LISTEN. */
export async function serveBlobs(options: ServeBlobsOptions): Promise<Door> {
  return openDoor(options, {
    path: BLOBS_PATH,
    maxFrameBytes: PROTOCOL_LIMITS.maxHeaderBytes,
    onSocket: (accepted) => serveReceiver(accepted, options),
  });
}

function serveReceiver({ socket, scope, remote }: Accepted, options: ServeBlobsOptions): void {
  const { store, creditTimeoutMs = CREDIT_TIMEOUT_MS } = options;
  const logger = options.logger ?? silentLogger;
  if (scope !== 'service') return socket.close(CLOSE.FORBIDDEN);
  const transfers = new Map<number, OutgoingTransfer>();

  const breach = (reason: string): void => {
    logger.warn('a receiver breaks the protocol', { remote, reason });
    socket.close({ ...CLOSE.BAD_MESSAGE, reason: reason.slice(0, 100) });
  };
  const say = async (header: DataHeader, bytes?: Uint8Array): Promise<void> =>
    socket.send(encodeData(header, bytes));
  /** Runs an answer; what goes wrong is told to the receiver, unless it has gone. */
  const answer = async (transfer: number, action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (!socket.isOpen) return;
      logger.warn('a transfer failed', { remote, error: errorMessage(error) });
      if (errorCode(error) === 'TRANSPORT_NO_CREDIT') return socket.close(CLOSE.TOO_SLOW);
      const code = /^[A-Z][A-Z0-9_]+$/.test(errorCode(error) ?? '') ? errorCode(error) : 'TRANSPORT_PEER';
      const text = errorMessage(error).slice(0, 1000);
      await say({ kind: 'error', transfer, code: code as string, message: text, retryable: true }).catch(() =>
        socket.close(CLOSE.GOING_AWAY),
      );
    }
  };

  const sendManifest = async ({ transfer, snapshot }: DataHeader<'want.manifest'>): Promise<void> => {
    if (!(await store.hasManifest(snapshot))) {
      return say({ kind: 'missing', transfer, digests: [snapshot] });
    }
    await say({ kind: 'manifest', transfer, snapshot }, await store.getManifestBytes(snapshot));
  };

  const onHeader = (header: DataHeader): void => {
    switch (header.kind) {
      case 'want.manifest':
        void answer(header.transfer, () => sendManifest(header));
        return;
      case 'want': {
        if (transfers.has(header.transfer)) return breach('a transfer number is used twice');
        if (transfers.size >= MAX_TRANSFERS) return breach(`more than ${MAX_TRANSFERS} transfers`);
        const transfer = new OutgoingTransfer({
          store,
          want: header,
          send: (message) => socket.send(message),
          creditTimeoutMs,
          peer: remote,
        });
        transfers.set(header.transfer, transfer);
        void answer(header.transfer, () => transfer.run()).then(() => transfers.delete(header.transfer));
        return;
      }
      case 'credit':
        return transfers.get(header.transfer)?.grant(header.bytes);
      case 'cancel':
        return transfers.get(header.transfer)?.stop();
      default:
        return breach(`a receiver does not send "${header.kind}"`);
    }
  };

  socket.frames$.subscribe((frame) => {
    try {
      onHeader(decodeData(frame).header);
    } catch (error) {
      breach(errorMessage(error));
    }
  });
  void socket.closed.then(() => {
    for (const transfer of transfers.values()) transfer.stop();
  });
}
