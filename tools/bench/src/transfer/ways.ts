/** The ways that are put beside each other, and what a side of one has to do. */
import type { Payload } from './payload';

/** In the order in which they take turns. */
export const WAYS = [
  'tcp-bare',
  'tcp',
  'tcp-sha256',
  'espalier',
  'grpc',
  'nats',
  'tcp-file',
  'espalier-store',
] as const;
export type Way = (typeof WAYS)[number];

export const WHAT: Readonly<Record<Way, string>> = {
  'tcp-bare': 'raw TCP, one buffer again and again, thrown away',
  tcp: 'raw TCP, files to memory',
  'tcp-sha256': 'raw TCP, files to memory, SHA-256 at the receiver',
  espalier: 'Espalier, store to memory, each chunk and tensor verified',
  grpc: '@grpc/grpc-js, server streaming of 1 MiB messages, files to memory, SHA-256 at the receiver',
  nats: 'NATS object store, server to memory, verified by its client',
  'tcp-file': 'raw TCP, files to a file, fsynced',
  'espalier-store': 'Espalier, store to store, verified, fsynced',
};

export interface SideOptions {
  readonly payload: Payload;
  /** An empty folder for what this side writes. */
  readonly scratch: string;
  /** Where npm peers are installed. */
  readonly modules?: string;
  /** What the owner said when it was ready. */
  readonly address: string;
  readonly token: string;
}

export interface Owner {
  /** For the receiver. */
  readonly address: string;
  /** Seconds that it took to give the payload away beforehand, where the way needs that. */
  readonly putSeconds?: number;
}

export interface Receiver {
  /** The whole payload, once: connects, asks, receives, verifies. Throws when what came is not the payload. */
  receive(): Promise<Received>;
}

export interface Received {
  readonly bytes: number;
  /** Of them, those that are in this process's memory at the end, because that is where they were to go. */
  readonly keptBytes: number;
}

export interface WaySides {
  owner(options: SideOptions): Promise<Owner>;
  receiver(options: SideOptions): Promise<Receiver>;
}
