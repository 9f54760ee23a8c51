#!/usr/bin/env node
/** Bench `plugin-host`: what a plugin in a process of its own costs, swaps under load, and plugins that do harm. */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPluginHost } from '@espalier/plugin-host';
import { benchMain, note, numbers, wholeNumber, type BenchValues } from './bench-main';
import { circumstances } from './circumstances';
import { RESULTS_FOLDER, BENCH_RUNS } from './places';
import { BENCH_PLUGIN, writeBenchPlugin } from './plugin-host/bench-plugin';
import { measureCalls, measureOverhead } from './plugin-host/measure-calls';
import { measureHostile } from './plugin-host/measure-hostile';
import { measureSwaps } from './plugin-host/measure-swaps';
import type { OverheadRow, PluginHostResults } from './plugin-host/results';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { pluginHostTable } from './tables/plugin-host-table';
import { timeLeft } from './time-left';

const USAGE = `espalier bench plugin-host [options]
  --weights 266200,61000000  of the layer whose scores are timed in both places
  --rounds 5                 calls of each, in turns
  --swaps 500                under calls of 100 weights
  --quick                    266200 weights, 20 swaps; into .bench
  --out FILE                 default: docs/results/plugin-host.json`;

/** A small layer. */
const SMALL = 100;
const CALLS = 40_000;
const PIPELINED = 128;
const CALLS_PER_ROUND = 50;
const LANES = 5;
/** Each swap starts a process and ends one, on the cores that the calls need as well. */
const SWAP_EVERY_MS = 650;

async function run(values: BenchValues, args: readonly string[]): Promise<PluginHostResults> {
  const quick = values['quick'] === true;
  const sizes = numbers(values, 'weights', quick ? [266_200] : [266_200, 61_000_000]);
  const rounds = wholeNumber(values, 'rounds', quick ? 3 : 5);
  const swaps = wholeNumber(values, 'swaps', quick ? 20 : 500);
  const loadBefore = loadavg()[0];
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-plugins-'));
  try {
    await using host = await openPluginHost({ allow: [BENCH_PLUGIN] });
    const folders = [writeBenchPlugin(folder, 1), writeBenchPlugin(folder, 2)] as const;
    const overhead: OverheadRow[] = [];
    for (const weights of sizes) {
      overhead.push(await measureOverhead(host, { folder: folders[0], weights, rounds }));
      note(`${weights} weights: ${overhead[overhead.length - 1].ownProcessMs.map(Math.round).join(', ')} ms`);
    }
    const small = { folder: folders[0], weights: SMALL, pipelined: PIPELINED, calls: quick ? 4_000 : CALLS };
    const calls = await measureCalls(host, small);
    note(`${Math.round(calls.calls / calls.seconds)} calls a second`);
    const from = performance.now();
    const swapped = await measureSwaps(host, {
      folders,
      swaps,
      callsPerRound: CALLS_PER_ROUND,
      lanes: LANES,
      everyMs: SWAP_EVERY_MS,
      weights: SMALL,
      onSwap: (done) => {
        if (done % 25 !== 0) return;
        note(`${done} swaps${timeLeft(done, swaps, (performance.now() - from) / 1000)}`);
      },
    });
    const hostile = await measureHostile(({ plugin, code, ms, round }) =>
      note(`${plugin}: ${code}, ${Math.round(ms)} ms; its round ${Math.round(round?.ms ?? NaN)} ms`),
    );
    const results: PluginHostResults = {
      version: RESULTS_VERSION,
      bench: 'plugin-host',
      circumstances: circumstances('plugin-host', args),
      load: [loadBefore, loadavg()[0]],
      overhead,
      calls,
      swaps: swapped,
      hostile,
    };
    const out = String(
      values['out'] ?? join(quick ? BENCH_RUNS : RESULTS_FOLDER, `plugin-host${quick ? '-quick' : ''}.json`),
    );
    writeResults(out, results);
    note(`${pluginHostTable(results)}\n\nwritten: ${shown(out)}`);
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void benchMain({
  usage: USAGE,
  options: {
    weights: { type: 'string' },
    rounds: { type: 'string' },
    swaps: { type: 'string' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
  },
  run,
});
