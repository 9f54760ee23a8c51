/**
 * The only place that loads TensorFlow. The compiled executor needs nothing but tfjs-node's native addon, which loads in
 * under half a second; TensorFlow.js itself is loaded when an eager executor is asked for.
 */
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import util from 'node:util';
import { errorMessage } from '@espalier/base';
import type * as tfjs from '@tensorflow/tfjs';
import type { TensorFlowBinding } from './compiled/binding';
import { engineError } from './errors';

export interface EngineInfo {
  readonly backend: 'native' | 'wasm';
  /** Of TensorFlow (native) or TensorFlow.js (wasm). */
  readonly version: string;
  readonly threads: number;
  /** Why it is not the native backend, where nobody asked for WASM. */
  readonly reason?: string;
  /** Equal for engines that give equal bits. */
  readonly fingerprint: string;
}

export interface EngineOptions {
  /** Threads that one operation may use. Default: ESPALIER_THREADS, else the number of cores. */
  readonly threads?: number;
  /** Default: ESPALIER_ENGINE, else native where it loads. */
  readonly force?: 'native' | 'wasm';
}

interface Loaded {
  readonly info: EngineInfo;
  readonly binding?: TensorFlowBinding;
  tf?: typeof tfjs;
}

/**
 * TensorFlow is one per process by its nature (an addon, settings read once from the environment), so this state of the
 * module mirrors a state of the process.
 */
const process_: { loaded?: Loaded } = {};

/** TensorFlow is loaded when it is needed, not when this module is: a process that does not train pays nothing. */
const load = createRequire(__filename);

/** Of the steps on kept weights: another number where they give other bits. */
const SPARSE_VERSION = 'sparse 1';

/** napi-v8 is the newest that tfjs-node 4.22 is built for; it works on every later Node. */
const ADDON = join('lib', 'napi-v8', 'tfjs_binding.node');

/**
 * Loads the engine once; later calls give the same answer. Throws ENGINE_MISSING when the backend that was asked for does
 * not load, ENGINE_LOADED when another one, or another number of threads, is already in use.
 */
export async function loadEngine(options: EngineOptions = {}): Promise<EngineInfo> {
  const force = options.force ?? forcedByEnvironment();
  const loaded = process_.loaded;
  if (loaded) {
    const { backend, threads, fingerprint } = loaded.info;
    if ((options.force && options.force !== backend) || (options.threads && options.threads !== threads)) {
      const asked = `${options.force ?? backend}, ${options.threads ?? threads} threads`;
      throw engineError('ENGINE_LOADED', { loaded: fingerprint, asked });
    }
    return loaded.info;
  }
  const threads = options.threads ?? (Number(process.env.ESPALIER_THREADS) || availableParallelism());
  process_.loaded = force === 'wasm' ? await loadWasm() : await loadNative(threads, force === 'native');
  return process_.loaded.info;
}

/** The native addon; undefined on WASM. The engine must be loaded. */
export function tensorflowBinding(): TensorFlowBinding | undefined {
  return process_.loaded?.binding;
}

/** TensorFlow.js on the engine's backend. The engine must be loaded. */
export async function tensorflowJs(): Promise<typeof tfjs> {
  const loaded = process_.loaded as Loaded;
  if (!loaded.tf) {
    restoreNodeUtilities();
    loaded.tf = load('@tensorflow/tfjs-node') as typeof tfjs;
    await loaded.tf.ready();
  }
  return loaded.tf;
}

async function loadNative(threads: number, forced: boolean): Promise<Loaded> {
  // TensorFlow reads these once, when the library loads. oneDNN halves the time of convolutions and is off by default
  // on some CPUs; log level 2 keeps the greetings of the library off stderr.
  process.env.TF_ENABLE_ONEDNN_OPTS = '1';
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  // A step is a chain of small operations: handing each to another thread costs more than running two at once gains.
  // Below 0 they run in the caller's thread (7 % faster for LeNet-300-100, the same bits).
  process.env.TF_NUM_INTEROP_THREADS = '-1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  try {
    const addon = join(dirname(load.resolve('@tensorflow/tfjs-node/package.json')), ADDON);
    if (!existsSync(addon)) throw new Error(`${addon} is not built`);
    const binding = load(addon) as TensorFlowBinding;
    const version = binding.TF_Version;
    const fingerprint = `native; tensorflow ${version}; onednn 1; ${SPARSE_VERSION}; threads ${threads}; ${javaScript()}; cpu ${cpuFeatures()}`;
    return { info: { backend: 'native', version, threads, fingerprint }, binding };
  } catch (cause) {
    if (forced)
      throw engineError('ENGINE_MISSING', { backend: 'native', problem: errorMessage(cause) }, { cause });
    return loadWasm(`the native engine does not load: ${errorMessage(cause)}`);
  }
}

async function loadWasm(reason?: string): Promise<Loaded> {
  try {
    const tf = load('@tensorflow/tfjs') as typeof tfjs;
    const wasm = load('@tensorflow/tfjs-backend-wasm') as { setWasmPaths(folder: string): void };
    wasm.setWasmPaths(`${dirname(load.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
    if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js refuses the backend "wasm"');
    await tf.ready();
    const version = tf.version.tfjs;
    const fingerprint = `wasm; tfjs ${version}; threads 1; ${javaScript()}; cpu ${cpuFeatures()}`;
    return { info: { backend: 'wasm', version, threads: 1, reason, fingerprint }, tf };
  } catch (cause) {
    throw engineError('ENGINE_MISSING', { backend: 'wasm', problem: errorMessage(cause) }, { cause });
  }
}

/** tfjs-node 4.22 calls these, which Node 23 removed. */
function restoreNodeUtilities(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  legacy.isArray = Array.isArray;
}

function forcedByEnvironment(): 'native' | 'wasm' | undefined {
  const value = process.env.ESPALIER_ENGINE;
  if (value === undefined || value === '') return undefined;
  if (value === 'native' || value === 'wasm') return value;
  throw engineError('ENGINE_OPTION', {
    option: 'ESPALIER_ENGINE',
    value,
    problem: 'it should be native or wasm',
  });
}

/** Learning rates, initial values and distortions come from Math.cos, log and **, whose last bits are V8's own affair. */
function javaScript(): string {
  const [major, minor] = process.versions.v8.split('.');
  return `v8 ${major}.${minor}`;
}

/** The instruction sets that TensorFlow and oneDNN choose their code by. */
function cpuFeatures(): string {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    const relevant = flags.split(' ').filter((flag) => /^(sse4|avx|fma|f16c|amx)/.test(flag));
    if (relevant.length > 0) return [...new Set(relevant)].sort().join(',');
  } catch {
    // Not Linux: the model's name stands for its instruction sets.
  }
  return cpus()[0]?.model ?? process.arch;
}
