/** @grpc/grpc-js: one request, answered by a stream of 1 MiB messages, without compression and without a proto compiler. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { pieces } from './payload';
import type { WaySides } from './ways';

/** The part of the package that is used; it is no dependency, but lies where the bench has installed it. */
interface Grpc {
  readonly Server: new () => {
    addService(definition: object, handlers: Readonly<Record<string, (call: ServerCall) => unknown>>): void;
    bindAsync(address: string, credentials: object, done: (error: Error | null, port: number) => void): void;
  };
  readonly ServerCredentials: { createInsecure(): object };
  readonly credentials: { createInsecure(): object };
  makeGenericClientConstructor(
    definition: object,
    name: string,
  ): new (
    address: string,
    credentials: object,
  ) => { Pull(request: Buffer): AsyncIterable<Buffer>; close(): void };
}

interface ServerCall extends NodeJS.EventEmitter {
  write(message: Buffer): boolean;
  end(): void;
}

const same = (value: Buffer): Buffer => value;
const SERVICE = {
  Pull: {
    path: '/transfer/Pull',
    requestStream: false,
    responseStream: true,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
};

function load(modules: string | undefined): Grpc {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- found at run time, not known to TypeScript
  return require(join(modules ?? '', '@grpc/grpc-js')) as Grpc;
}

export const grpcSides: WaySides = {
  async owner({ payload, modules }) {
    const grpc = load(modules);
    const server = new grpc.Server();
    server.addService(SERVICE, {
      async Pull(call) {
        // It keeps what it was given until it is sent, so that a piece may not be used again: a copy, as its users would make.
        for await (const piece of pieces(payload.files)) {
          if (!call.write(Buffer.from(piece))) await once(call, 'drain');
        }
        call.end();
      },
    });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    return { address: `127.0.0.1:${port}` };
  },
  async receiver({ payload, address, modules }) {
    const grpc = load(modules);
    const Client = grpc.makeGenericClientConstructor(SERVICE, 'transfer');
    return {
      async receive() {
        const client = new Client(address, grpc.credentials.createInsecure());
        const memory = new Uint8Array(payload.bytes);
        const hash = createHash('sha256');
        let bytes = 0;
        for await (const message of client.Pull(Buffer.alloc(0))) {
          hash.update(message);
          memory.set(message, bytes);
          bytes += message.byteLength;
        }
        client.close();
        if (hash.digest('hex') !== payload.sha256) throw new Error('another digest');
        return { bytes, keptBytes: memory.byteLength };
      },
    };
  },
};
