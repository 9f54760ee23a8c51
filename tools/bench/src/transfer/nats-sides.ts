/**
 * The object store of NATS: the owner puts an object beforehand, the receiver gets it from the server. Only the getting is
 * timed, in favour of NATS; what the putting took is told beside it.
 */
import { join } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { pieces } from './payload';
import type { WaySides } from './ways';

/** The part of the package that is used; it is no dependency, but lies where the bench has installed it. */
interface Nats {
  connect(options: {
    servers: string;
  }): Promise<{ jetstream(): { views: { os: OpenStore } }; close(): Promise<void> }>;
  readonly StorageType: { readonly Memory: string };
}

type OpenStore = (name: string, options?: { storage: string }) => Promise<ObjectStore>;

interface ObjectStore {
  put(
    meta: { name: string; options: { max_chunk_size: number } },
    data: ReadableStream<Uint8Array>,
    options: { timeout: number },
  ): Promise<object>;
  get(name: string): Promise<{ data: ReadableStream<Uint8Array>; error: Promise<Error | null> } | null>;
}

/** The client's default; with 1,000 KiB, nearly the server's largest message, it took more of the processor in trials. */
const CHUNK_BYTES = 128 * 1024;
const PUT_TIMEOUT_MS = 600_000;

function load(modules: string | undefined): Nats {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- found at run time, not known to TypeScript
  return require(join(modules ?? '', 'nats')) as Nats;
}

export const natsSides: WaySides = {
  async owner({ payload, modules, address }) {
    const nats = load(modules);
    const connection = await nats.connect({ servers: address });
    const store = await connection.jetstream().views.os('transfer', { storage: nats.StorageType.Memory });
    const startedMs = performance.now();
    const source = pieces(payload.files);
    const data = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await source.next();
        // It joins and cuts what it is given, and may keep it: a copy.
        if (done) controller.close();
        else controller.enqueue(value.slice());
      },
    });
    const meta = { name: 'payload', options: { max_chunk_size: CHUNK_BYTES } };
    await store.put(meta, data, { timeout: PUT_TIMEOUT_MS });
    return { address, putSeconds: (performance.now() - startedMs) / 1000 };
  },
  async receiver({ payload, address, modules }) {
    const nats = load(modules);
    return {
      async receive() {
        const connection = await nats.connect({ servers: address });
        const store = await connection.jetstream().views.os('transfer');
        const found = await store.get('payload');
        if (!found) throw new Error('no such object');
        const memory = new Uint8Array(payload.bytes);
        let bytes = 0;
        for await (const part of found.data) {
          memory.set(part, bytes);
          bytes += part.byteLength;
        }
        // Another digest than the object's own is an error.
        const error = await found.error;
        if (error) throw error;
        await connection.close();
        return { bytes, keptBytes: memory.byteLength };
      },
    };
  },
};
