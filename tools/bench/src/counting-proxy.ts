/** Stands between two ends of TCP connections and counts what goes through: headers, masks and frames of WebSockets too. */
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';

export interface CountingProxy extends AsyncDisposable {
  readonly port: number;
  /** Bytes since the last call, in both directions. */
  take(): { readonly fromOwner: number; readonly toOwner: number };
}

export async function countingProxy(ownerPort: number): Promise<CountingProxy> {
  let fromOwner = 0;
  let toOwner = 0;
  const server = createServer((receiver) => {
    const owner = connect(ownerPort, '127.0.0.1');
    receiver.on('data', (part) => (toOwner += part.length)).pipe(owner);
    owner.on('data', (part) => (fromOwner += part.length)).pipe(receiver);
    // Either end may go first; the other is told by the pipe.
    receiver.on('error', () => owner.destroy());
    owner.on('error', () => receiver.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    take() {
      const taken = { fromOwner, toOwner };
      fromOwner = 0;
      toOwner = 0;
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
