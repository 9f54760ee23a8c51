/**
 * Shares normal weights in a process of its own, so that its time and memory are those of the sharing:
 * `time-sharing.ts COUNT LEVELS SEED [FOLDER]` prints one line of JSON; with a folder the weights and the even start of
 * the centroids are left there for a peer.
 */
import { Random } from '@espalier/base';
import { shareWeights } from '@espalier/encoding';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SharingAnswer {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly memoryBytes: number;
  readonly centroids: readonly number[];
  /** Sum of the squared distances between weights and their centroids. */
  readonly inertia: number;
}

function main([countText, levelsText, seed, folder]: readonly string[]): void {
  const weights = normalWeights(Number(countText), Number(seed));
  const levels = Number(levelsText);
  if (folder !== undefined) leaveForPeer(weights, levels, folder);
  const before = peakBytes();
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const { codes, codebook } = shareWeights(weights, { levels });
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedMs) / 1000;
  const answer: SharingAnswer = {
    cpuSeconds: (user + system) / 1e6,
    seconds,
    memoryBytes: peakBytes() - before,
    centroids: [...codebook],
    inertia: inertiaOf(weights, codes, codebook),
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function normalWeights(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  const weights = new Float32Array(count);
  for (let i = 0; i < count; i++) weights[i] = 0.02 * random.normal();
  return weights;
}

function leaveForPeer(weights: Float32Array, levels: number, folder: string): void {
  const [low, high] = weights.reduce(([least, most], w) => [Math.min(least, w), Math.max(most, w)], [
    Infinity,
    -Infinity,
  ] as [number, number]);
  const start = Float64Array.from({ length: levels }, (_, k) => low + ((high - low) * k) / (levels - 1));
  writeFileSync(join(folder, 'values.f32'), weights);
  writeFileSync(join(folder, 'start.f64'), start);
}

function inertiaOf(weights: Float32Array, codes: Uint16Array, codebook: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++)
    if (codes[i] !== 0) sum += (weights[i] - codebook[codes[i] - 1]) ** 2;
  return sum;
}

/** The kernel's high-water mark of this process. */
function peakBytes(): number {
  const kib = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return 1024 * Number(kib);
}

main(process.argv.slice(2));
