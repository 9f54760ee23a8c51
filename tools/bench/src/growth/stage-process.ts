/**
 * One stage in a process of its own, so that its memory is its own: `stage-process.ts FOLDER STAGE WEIGHTS [URL]` prints one
 * line of JSON. The first, `make`, draws the weights; each one finds in the folder what those before it left.
 * `serve` shows the snapshot to `transfer` until its standard input ends.
 */
import { Random, silentLogger, type JsonValue } from '@espalier/base';
import { decodeWeights } from '@espalier/encoding';
import { checkNetwork } from '@espalier/models';
import { parseRecipe, resolveRecipe, type ResolvedRecipe } from '@espalier/recipe';
import { nextStage, runStage, type FinishedStage, type StageResult } from '@espalier/stages';
import { BlobStore, RecordStore } from '@espalier/store';
import { float32, type Tensor } from '@espalier/tensor';
import { pullSnapshot, serveBlobs } from '@espalier/transport';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BITS, KEPT_SHARE } from './settings';

export interface StageAnswer {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

export interface ServeAnswer {
  readonly url: string;
}

/** What stands in the digests of a recipe whose data nobody reads. */
const NO_DATA = '0'.repeat(64);

async function main([folder, stage, weightsText, url]: readonly string[]): Promise<void> {
  const token = process.env['ESPALIER_TOKEN'] ?? '';
  const store = await BlobStore.open(join(folder, 'store'));
  const file = join(folder, 'finished.json');
  const recipe = recipeFor(Number(weightsText));
  if (stage === 'make') {
    writeFileSync(file, JSON.stringify([await madeNetwork(recipe, store)]));
    return say({});
  }
  const finished = JSON.parse(readFileSync(file, 'utf8')) as FinishedStage[];
  const dense = finished[0].result.outputs['snapshot'].digest;
  switch (stage) {
    case 'serve': {
      const door = await serveBlobs({ store, tokens: [{ token, scope: 'service' }] });
      say({ url: door.url });
      process.stdin.resume().on('end', () => process.exit());
      return;
    }
    case 'transfer': {
      const own = await BlobStore.open(join(folder, 'received'));
      return say(await measured(() => pullSnapshot({ id: dense, urls: [url], token, store: own })));
    }
    case 'decode': {
      const artifact = finished[finished.length - 1].result.outputs['artifact'].digest;
      return say(
        await measured(async () => {
          const tensors: Tensor[] = [];
          for (const [, tensor] of decodeWeights(await store.get(artifact)).tensors) tensors.push(tensor);
        }),
      );
    }
    default:
      return runNext(recipe, { finished, stage, file, store, folder });
  }
}

interface Next {
  readonly finished: readonly FinishedStage[];
  readonly stage: string;
  readonly file: string;
  readonly store: BlobStore;
  readonly folder: string;
}

async function runNext(
  recipe: ResolvedRecipe,
  { finished, stage, file, store, folder }: Next,
): Promise<void> {
  const done = finished.filter(({ spec }) => spec.kind !== stage);
  const next = nextStage(recipe, done);
  if (next.step === 'done' || next.spec.kind !== stage) throw new Error(`"${stage}" is not what comes next`);
  const cache = await RecordStore.open(join(folder, 'cache'));
  let result: StageResult | undefined;
  const answer = await measured(async () => {
    result = await runStage(next.spec, {
      store,
      cache,
      emit: () => undefined,
      signal: new AbortController().signal,
      logger: silentLogger,
      threads: 1,
      checkpointSeconds: Infinity,
    });
  });
  writeFileSync(file, JSON.stringify([...done, { spec: next.spec, key: '', result }]));
  say(answer);
}

/** One dense layer of about so many weights. */
function recipeFor(weights: number): ResolvedRecipe {
  const inputs = Math.round(Math.sqrt(weights));
  const layer = `{ type: dense, name: fc1, units: ${Math.round(weights / inputs)} }`;
  const text = `
version: 1
name: growth
network: { name: growth, input: [${inputs}], layers: [${layer}] }
init: { from: nothing.safetensors }
data: { format: idx, train: { images: no, labels: no }, test: { images: no, labels: no }, heldOut: 0 }
prune: { keep: { layers: { fc1: ${KEPT_SHARE} } }, deadUnits: keep }
share: { bits: ${BITS} }
`;
  const { recipe } = parseRecipe(text, { file: 'growth', sets: [] });
  return resolveRecipe(recipe, {
    data: { digest: NO_DATA, shape: [inputs, 1, 1], classes: 2 },
    fingerprint: 'none',
    threads: 1,
    version: '0',
    init: NO_DATA,
  });
}

/** As if it had been trained: He's initial values, which the stages take for given. */
async function madeNetwork(recipe: ResolvedRecipe, store: BlobStore): Promise<FinishedStage> {
  const next = nextStage(recipe, []);
  if (next.step === 'done') throw new Error('a run begins with a stage');
  const network = checkNetwork(recipe.network);
  const [inputs] = network.input;
  const [{ units = 0 }] = network.layers as readonly { readonly units?: number }[];
  const random = new Random(1);
  const values = new Float32Array(inputs * units);
  for (let i = 0; i < values.length; i++) values[i] = Math.sqrt(2 / inputs) * random.normal();
  const tensors = new Map([
    ['fc1/kernel', float32([inputs, units], values)],
    ['fc1/bias', float32([units], new Float32Array(units))],
  ]);
  const { id } = await store.putSnapshot({ network: network as unknown as JsonValue, tensors, info: {} });
  return {
    spec: next.spec,
    key: '',
    result: { outputs: { snapshot: { kind: 'snapshot', digest: id } }, metrics: {} },
  };
}

async function measured(work: () => Promise<unknown>): Promise<StageAnswer> {
  const before = peakBytes();
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - startedMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    memoryBytes: peakBytes() - before,
  };
}

/** The kernel's high-water mark of this process. */
function peakBytes(): number {
  const kib = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return 1024 * Number(kib);
}

function say(answer: Partial<StageAnswer & ServeAnswer>): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

void main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
