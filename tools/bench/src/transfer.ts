#!/usr/bin/env node
/** Bench `transfer`: a dense snapshot between two processes, beside raw TCP, gRPC and NATS's object store, in turns. */
import { newToken } from '@espalier/transport';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchMain, note, wholeNumber, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import { RESULTS_FOLDER } from './places';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { transferTable } from './tables/transfer-table';
import { duration, timeLeft } from './time-left';
import { natsServerVersion, startNatsServer } from './transfer/nats-server';
import { makePayload, type Payload } from './transfer/payload';
import { installTransferPeers, type TransferPeers } from './transfer/peers';
import type { TransferResults, TransferTime } from './transfer/results';
import { SideProcess } from './transfer/side-process';
import { transferRows, type Round } from './transfer/transfer-rows';
import { WAYS, type SideOptions, type Way } from './transfer/ways';

const USAGE = `espalier bench transfer [options]
  --size 1024       MiB of the snapshot
  --repeats 5       each way in turn, so often; medians count, and the largest memory
  --ways a,b        of ${WAYS.join(', ')}; default: all
  --quick           128 MiB, once, nothing written
  --out FILE        default: docs/results/transfer.json`;

const MiB = 2 ** 20;

async function run(values: BenchValues, args: readonly string[]): Promise<TransferResults> {
  const quick = values['quick'] === true;
  const mib = wholeNumber(values, 'size', quick ? 128 : 1024);
  const repeats = wholeNumber(values, 'repeats', quick ? 1 : 5);
  const chosen = values['ways'] === undefined ? undefined : String(values['ways']).split(',');
  const before = loadavg()[0];
  const peers = await installTransferPeers();
  if (!peers.natsServer)
    note('nats-server is neither on the path nor to be had from Debian: NATS is left out');
  const ways = WAYS.filter((way) => chosen?.includes(way) ?? true).filter(
    (way) => way !== 'nats' || peers.natsServer,
  );
  const folder = mkdtempSync(join(tmpdir(), 'espalier-transfer-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', removeFolder);
  note(`${mib} MiB are made and written to the disk`);
  const payload = await makePayload(join(folder, 'owner'), mib * MiB);
  const rounds = await measure({ ways, repeats, payload, peers, folder });
  const results: TransferResults = {
    version: RESULTS_VERSION,
    bench: 'transfer',
    circumstances: circumstances('transfer', args),
    load: [before, loadavg()[0]],
    mib,
    repeats,
    rows: transferRows(rounds, { mib, versions: versionsOf(peers) }),
  };
  note(transferTable(results));
  const out = values['out'] ?? (quick || chosen ? undefined : join(RESULTS_FOLDER, 'transfer.json'));
  if (out !== undefined) {
    writeResults(String(out), results);
    note(`\nwritten: ${shown(String(out))}`);
  }
  return results;
}

interface Setting {
  readonly ways: readonly Way[];
  readonly repeats: number;
  readonly payload: Payload;
  readonly peers: TransferPeers;
  readonly folder: string;
}

async function measure({ ways, repeats, ...setting }: Setting): Promise<Round[]> {
  const rounds: Round[] = [];
  const startedMs = performance.now();
  for (let repeat = 0; repeat < repeats; repeat++) {
    const round = new Map<Way, TransferTime>();
    rounds.push(round);
    for (const way of ways) {
      const time = await transferOnce(way, setting);
      round.set(way, time);
      const { payload } = setting;
      const done = repeat * ways.length + round.size;
      const passed = (performance.now() - startedMs) / 1000;
      note(
        `${repeat + 1}/${repeats} ${way}: ${(payload.bytes / MiB / time.seconds).toFixed(0)} MiB/s, memory above idle ` +
          `${(time.ownerBytes / MiB).toFixed(0)} and ${(time.receiverBytes / MiB).toFixed(0)} MiB, CPU ` +
          `${time.ownerCpuSeconds.toFixed(1)} and ${time.receiverCpuSeconds.toFixed(1)} s; ` +
          `${duration(passed)}${timeLeft(done, repeats * ways.length, passed)}`,
      );
    }
  }
  return rounds;
}

/** In two fresh processes, so that the memory of one transfer is not that of another. @throws BENCH_CHILD */
async function transferOnce(
  way: Way,
  { payload, peers, folder }: Pick<Setting, 'payload' | 'peers' | 'folder'>,
): Promise<TransferTime> {
  const scratch = mkdtempSync(join(folder, `${way}-`));
  try {
    await using server =
      way === 'nats' && peers.natsServer ? await startNatsServer(peers.natsServer, scratch) : undefined;
    await using owner = new SideProcess(`owner of ${way}`);
    await using receiver = new SideProcess(`receiver of ${way}`);
    const common = { payload, scratch, modules: peers.modules, token: newToken() };
    const begin = (side: 'owner' | 'receiver', address: string): SideOptionsAsked => ({
      ask: 'begin',
      way,
      side,
      options: { ...common, address },
    });
    const { address = '', putSeconds } = await owner.ask(begin('owner', server?.address ?? ''));
    await receiver.ask(begin('receiver', address));
    const { seconds = NaN, received } = await receiver.ask({ ask: 'receive' });
    if (received?.bytes !== payload.bytes) throw new Error(`${way} brought ${received?.bytes} bytes`);
    const [ownerUse, receiverUse] = [await owner.ask({ ask: 'usage' }), await receiver.ask({ ask: 'usage' })];
    return {
      seconds,
      ownerBytes: ownerUse.aboveIdleBytes ?? NaN,
      receiverBytes: receiverUse.aboveIdleBytes ?? NaN,
      ownerCpuSeconds: ownerUse.cpuSeconds ?? NaN,
      receiverCpuSeconds: receiverUse.cpuSeconds ?? NaN,
      ...(putSeconds === undefined ? {} : { putSeconds }),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface SideOptionsAsked {
  readonly ask: 'begin';
  readonly way: Way;
  readonly side: 'owner' | 'receiver';
  readonly options: SideOptions;
}

function versionsOf({ modules, natsServer }: TransferPeers): Partial<Record<Way, string>> {
  const of = (name: string): string =>
    (JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as { version: string }).version;
  return {
    grpc: `@grpc/grpc-js ${of('@grpc/grpc-js')}`,
    ...(natsServer ? { nats: `${natsServerVersion(natsServer)}, nats ${of('nats')}` } : {}),
  };
}

void benchMain({
  usage: USAGE,
  options: {
    size: { type: 'string' },
    repeats: { type: 'string' },
    ways: { type: 'string' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
  },
  run,
});
