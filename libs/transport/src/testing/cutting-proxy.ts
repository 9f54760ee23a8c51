/** For tests: a TCP proxy that cuts each of its first connections after some bytes from the server, like a bad cable. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that were made so far. */
  readonly connections: number;
}

/** `cutAfter[i]` bytes from the server to the client of connection `i`; later connections are left alone. */
export async function cuttingProxy(target: number, cutAfter: readonly number[]): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    const limit = cutAfter[connections++] ?? Infinity;
    const upstream = connect(target, '127.0.0.1');
    let passed = 0;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (bytes: Buffer) => {
      passed += bytes.byteLength;
      if (passed > limit) return void client.destroy();
      if (!client.write(bytes)) {
        upstream.pause();
        client.once('drain', () => upstream.resume());
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
