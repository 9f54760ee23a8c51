/** One side of one way, as a process of its own; its parent speaks to it over IPC, and it ends when the parent does. */
import { errorMessage } from '@espalier/base';
import { espalierSides, espalierStoreSides } from './espalier-sides';
import { grpcSides } from './grpc-sides';
import { natsSides } from './nats-sides';
import { peakResidentBytes, resetPeak } from './resident';
import { tcpBareSides, tcpFileSides, tcpSha256Sides, tcpSides } from './tcp-sides';
import type { Received, SideOptions, Way, WaySides } from './ways';

const SIDES: Readonly<Record<Way, WaySides>> = {
  'tcp-bare': tcpBareSides,
  tcp: tcpSides,
  'tcp-sha256': tcpSha256Sides,
  espalier: espalierSides,
  grpc: grpcSides,
  nats: natsSides,
  'tcp-file': tcpFileSides,
  'espalier-store': espalierStoreSides,
};

export type SideAsks =
  | {
      readonly ask: 'begin';
      readonly way: Way;
      readonly side: 'owner' | 'receiver';
      readonly options: SideOptions;
    }
  | { readonly ask: 'receive' }
  | { readonly ask: 'usage' };

export interface SideSays {
  readonly error?: string;
  /** After `begin`. */
  readonly address?: string;
  readonly putSeconds?: number;
  /** After `receive`. */
  readonly seconds?: number;
  readonly received?: Received;
  /** After `usage`: the most above what it had when it was ready, the payload that it keeps not counted. */
  readonly aboveIdleBytes?: number;
  /** User and system, of all threads, since it was ready. */
  readonly cpuSeconds?: number;
}

async function main(): Promise<void> {
  let idleBytes = 0;
  let keptBytes = 0;
  let cpu = process.cpuUsage();
  let receive: (() => Promise<Received>) | undefined;
  const answer = async (asked: SideAsks): Promise<SideSays> => {
    switch (asked.ask) {
      case 'begin': {
        const sides = SIDES[asked.way];
        const owner = asked.side === 'owner' ? await sides.owner(asked.options) : undefined;
        if (!owner) receive = (await sides.receiver(asked.options)).receive;
        cpu = process.cpuUsage();
        resetPeak();
        idleBytes = peakResidentBytes();
        return { ...owner };
      }
      case 'receive': {
        const startedMs = performance.now();
        const received = await receive?.();
        keptBytes = received?.keptBytes ?? 0;
        return { seconds: (performance.now() - startedMs) / 1000, received };
      }
      case 'usage': {
        const { user, system } = process.cpuUsage(cpu);
        return {
          aboveIdleBytes: peakResidentBytes() - idleBytes - keptBytes,
          cpuSeconds: (user + system) / 1e6,
        };
      }
    }
  };
  process.on('message', (asked: SideAsks) => {
    void answer(asked)
      .catch((error: unknown): SideSays => ({ error: errorMessage(error) }))
      .then((says) => process.send?.(says));
  });
  process.on('disconnect', () => process.exit());
}

void main();
