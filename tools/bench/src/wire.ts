#!/usr/bin/env node
/** Bench `wire`: bytes between two processes for a dense snapshot, a pruned one, and one that is there already. */
import { BlobStore } from '@espalier/store';
import { newToken, pullSnapshot } from '@espalier/transport';
import type { WireBytes } from '@espalier/protocol';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { benchMain, note, type BenchValues } from './bench-main';
import { endingWithUs } from './children';
import { circumstances, type Circumstances } from './circumstances';
import { countingProxy, type CountingProxy } from './counting-proxy';
import { CHILD_LOADER, RESULTS_FOLDER, ROOT } from './places';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { wireTable } from './tables/wire-table';
import type { WireOwnerSays } from './wire-owner';

const USAGE = `espalier bench wire [options]
  --keep 0.05       share of the weights that the pruned snapshot keeps
  --out FILE        default: docs/results/wire.json`;

/** Before the next pull is counted, a closing handshake may still go through. */
const QUIET_MS = 50;

export interface WireRow {
  readonly what: string;
  /** As the receiver counts it: tensors by form, and the dense bytes of those that it had. */
  readonly wire: WireBytes;
  /** As a proxy between the two counts it: everything on the TCP connection. */
  readonly tcp: { readonly fromOwner: number; readonly toOwner: number };
}

export interface WireResults {
  readonly version: number;
  readonly bench: 'wire';
  readonly circumstances: Circumstances;
  readonly network: string;
  readonly keep: number;
  readonly rows: readonly WireRow[];
  /** TCP bytes of the dense snapshot / of the pruned one. */
  readonly ratio: number;
}

async function run(values: BenchValues, args: readonly string[]): Promise<WireResults> {
  const keep = Number(values['keep'] ?? 0.05);
  const folder = mkdtempSync(join(tmpdir(), 'espalier-wire-'));
  try {
    const rows = await measure(folder, keep);
    const bytes = ({ tcp }: WireRow): number => tcp.fromOwner + tcp.toOwner;
    const results: WireResults = {
      version: RESULTS_VERSION,
      bench: 'wire',
      circumstances: circumstances('wire', args),
      network: 'lenet-300-100',
      keep,
      rows,
      ratio: bytes(rows[0]) / bytes(rows[1]),
    };
    const out = String(values['out'] ?? join(RESULTS_FOLDER, 'wire.json'));
    writeResults(out, results);
    note(`${wireTable(results)}\n\nwritten: ${shown(out)}`);
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, keep: number): Promise<WireRow[]> {
  const token = newToken();
  const script = join(ROOT, 'tools/bench/src/wire-owner.ts');
  const owner = endingWithUs(
    spawn(process.execPath, [CHILD_LOADER, script, join(folder, 'owner'), String(keep)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ESPALIER_TOKEN: token },
    }),
  );
  try {
    const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
    const says = JSON.parse(line) as WireOwnerSays;
    await using proxy = await countingProxy(says.port);
    const url = `ws://127.0.0.1:${proxy.port}${says.path}`;
    const pull = async (what: string, id: string, store: string): Promise<WireRow> =>
      measurePull({ what, id, url, token, proxy }, await BlobStore.open(join(folder, store)));
    return [
      await pull('dense', says.dense, 'dense'),
      await pull('pruned, with masks', says.pruned, 'pruned'),
      await pull('the same once more', says.pruned, 'pruned'),
      await pull('only the biases have changed', says.otherBiases, 'pruned'),
    ];
  } finally {
    owner.stdin.end();
  }
}

interface Pull {
  readonly what: string;
  readonly id: string;
  readonly url: string;
  readonly token: string;
  readonly proxy: CountingProxy;
}

async function measurePull({ what, id, url, token, proxy }: Pull, store: BlobStore): Promise<WireRow> {
  const { wire } = await pullSnapshot({ id, urls: [url], token, store });
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  return { what, wire, tcp: proxy.take() };
}

void benchMain({ usage: USAGE, options: { keep: { type: 'string' }, out: { type: 'string' } }, run });
