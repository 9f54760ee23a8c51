/** A program whose large dense layers are done by several threads, where that pays. */
import { isKernelLayer } from '@espalier/models';
import { sizeOf } from '@espalier/tensor';
import { MAX_PARTS, openTeam, type StartThread, type Team } from '@espalier/threads';
import { availableParallelism } from 'node:os';
import type { BuiltProgram } from '../create-model';
import { threadError } from '../errors';
import { buildProgram, type ProgramSpec } from '../program';
import { countKept } from '../source';
import { importing, webAssembly, type WasmPlatform } from '../wasm/platform';
import { splitNetwork, wholeOf, type SplitNetwork } from './split-network';

const THREADS = {
  /** A layer with fewer kept weights takes some 20 microseconds: not worth a thread. */
  minKept: 2 ** 16,
  /** Such layers wait for memory, which a few threads use up. */
  most: 8,
  rounds: 15,
  /** Of the time with fewer threads, above which more do not pay. */
  worthwhile: 0.9,
} as const;

export interface ThreadedOptions {
  /** `measure`: as many as pay. A number: large layers are done by so many. */
  readonly threads: number | 'measure';
  /** [any, ...input]: one of them, or random numbers, is what is measured with. */
  readonly sample?: Float32Array;
  now(): number;
  /** Default: of this machine. */
  readonly cores?: number;
  readonly start?: StartThread;
}

/** Throws INFERENCE_THREAD, INFERENCE_MEMORY. */
export async function buildThreaded(
  platform: WasmPlatform,
  spec: ProgramSpec,
  options: ThreadedOptions,
): Promise<BuiltProgram> {
  const { threads, start, cores = availableParallelism() } = options;
  const most = threads === 'measure' ? Math.min(cores, THREADS.most) : threads;
  const large = most < 2 ? [] : largeLayers(spec);
  if (large.length === 0) return buildProgram(platform, spec);
  const all = await buildSplit(spec, { layers: large, threads: most, start });
  const layers = new Map(large.map((layer) => [layer, { threads: most, tried: {} }]));
  if (threads !== 'measure') return { ...all, layers };
  const measured = measure(all, spec, { ...options, most });
  const pays = large.filter((layer) => (measured.get(layer)?.threads ?? 1) > 1);
  if (pays.length === large.length) return { ...all, layers: measured };
  all.close();
  const fewer = Math.max(1, ...pays.map((layer) => measured.get(layer)?.threads ?? 1));
  if (fewer === 1) return { ...(await buildProgram(platform, spec)), layers: measured };
  const some = await buildSplit(spec, { layers: pays, threads: fewer, start });
  for (const [layer, { threads: own }] of measured) some.use(layer, own);
  return { ...some, layers: measured };
}

function largeLayers({ network, parameters }: ProgramSpec): readonly string[] {
  return network.layers
    .filter(isKernelLayer)
    .filter(({ type }) => type === 'dense')
    .map(({ name }) => name)
    .filter((name) => countKept(parameters.values.get(`${name}/kernel`) as Float32Array) >= THREADS.minKept);
}

interface SplitProgram extends BuiltProgram {
  readonly splitLayers: readonly string[];
  close(): void;
  /** From now on, so many threads do that layer. */
  use(layer: string, threads: number): void;
  /** The layer alone. */
  runLayer(layer: string, samples: number): void;
}

interface Split {
  readonly layers: readonly string[];
  readonly threads: number;
  readonly start?: StartThread;
}

async function buildSplit(spec: ProgramSpec, { layers, threads, start }: Split): Promise<SplitProgram> {
  const split = splitNetwork(spec.network, spec.parameters, { layers, parts: Math.min(threads, MAX_PARTS) });
  const used = new Map(layers.map((layer) => [layer, threads]));
  const jobs = jobsOf(split, spec.passes);
  const started: { team?: Team } = {};
  const runJob = (job: number): void =>
    started.team?.run(job, { threads: used.get(jobs[job].layer) as number });
  const platform: WasmPlatform = {
    shared: true,
    async instantiate(bytes, pages) {
      const wasm = webAssembly();
      const memory = new wasm.Memory({ initial: pages, maximum: pages, shared: true });
      const module = await wasm.compile(bytes);
      const { exports } = await wasm.instantiate(module, importing(memory));
      const { name: network } = spec.network;
      started.team = openTeam({
        ...{ threads, name: 'espalier inference', module, imports: importing(memory), exports, start },
        jobs: jobs.map(({ parts }) => parts.map((name) => [name] as const)),
        failed: (reason, cause) =>
          threadError('INFERENCE_THREAD', { network, reason }, cause === undefined ? {} : { cause }),
      });
      await started.team.ready;
      // In the place of its first part stands the whole job; the others have nothing left to do.
      const replaced = jobs.flatMap(({ parts: [first, ...rest] }, job) => [
        [first, () => runJob(job)] as const,
        ...rest.map((name) => [name, () => {}] as const),
      ]);
      return { memory, exports: { ...exports, ...Object.fromEntries(replaced) } };
    },
  };
  const program = await buildProgram(platform, {
    ...spec,
    network: split.network,
    parameters: split.parameters,
    kernels: (layer) => spec.kernels(wholeOf(layer)),
  });
  return {
    ...program,
    splitLayers: layers,
    close: () => started.team?.close(),
    use: (layer, own) => void (used.has(layer) && used.set(layer, own)),
    runLayer(layer, samples) {
      runJob(jobs.findIndex((job) => job.layer === layer && job.samples === samples));
    },
  };
}

interface Job {
  readonly layer: string;
  readonly samples: number;
  /** Functions of the module: see `lower/dense.ts`. */
  readonly parts: readonly string[];
}

function jobsOf({ parts }: SplitNetwork, passes: readonly number[]): readonly Job[] {
  return [...parts].flatMap(([layer, names]) =>
    passes.map((samples) => ({ layer, samples, parts: names.map((name) => `${name}@${samples}`) })),
  );
}

type LayerThreads = NonNullable<BuiltProgram['layers']>;

/** Of each layer as many threads as pay, on one sample: what each number of them took. */
function measure(
  program: SplitProgram,
  { network, passes }: ProgramSpec,
  { sample, now, most }: ThreadedOptions & { readonly most: number },
): LayerThreads {
  // What a run leaves before each layer is what the layer is measured with.
  const size = sizeOf(network.input);
  const input = sample?.subarray(0, size) ?? Float32Array.from({ length: size }, (_, i) => i % 2);
  program.run(input, 1);
  const samples = Math.min(...passes);
  const counts = threadCounts(most);
  const measured = new Map<string, { threads: number; tried: Record<string, number> }>();
  for (const layer of program.splitLayers) {
    const times = counts.map((): number[] => []);
    for (let round = 0; round < THREADS.rounds; round++) {
      counts.forEach((count, i) => {
        program.use(layer, count);
        const from = now();
        program.runLayer(layer, samples);
        times[i].push(1000 * (now() - from));
      });
    }
    const medians = times.map(median);
    let best = 0;
    for (let i = 1; i < counts.length; i++) if (medians[i] < THREADS.worthwhile * medians[best]) best = i;
    program.use(layer, counts[best]);
    const tried = counts.map((count, i) => [`${count} thread${count > 1 ? 's' : ''}`, medians[i]] as const);
    measured.set(layer, { threads: counts[best], tried: Object.fromEntries(tried) });
  }
  return measured;
}

/** 1, 2, 4 and so on, and the most. */
function threadCounts(most: number): readonly number[] {
  const counts: number[] = [];
  for (let count = 1; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
