/** The pruned networks of the bench `coder`: really trained by the stages, kept in the user's cache; fc6 is random and says so. */
import { Random } from '@espalier/base';
import { decodeSafetensors, encodeSafetensors, imageLayouts, type ImageLayout } from '@espalier/encoding';
import { parametersOf, type NetworkSpec } from '@espalier/models';
import { parseRecipe, type Recipe } from '@espalier/recipe';
import { nextStage, type FinishedStage } from '@espalier/stages';
import { float32, sizeOf, type Snapshot, type Tensor } from '@espalier/tensor';
import { sha256 } from '@espalier/tensor/digest';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { note } from '../bench-main';
import type { BenchWorkspace } from '../bench-workspace';
import { benchCache } from '../python-peers';
import { ROOT } from '../places';

/** A kernel with its zeros. */
export interface Kernel {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of a dense kernel that reads an image. */
  readonly image?: ImageLayout;
  readonly values: Float32Array;
}

export interface PrunedNetwork {
  readonly name: string;
  readonly seed: number;
  readonly kernels: readonly Kernel[];
  readonly large?: boolean;
  /** Missing where there is nothing to test: random weights. */
  readonly trained?: { readonly network: NetworkSpec; readonly tensors: ReadonlyMap<string, Tensor> };
}

export interface NetworkCase {
  readonly name: string;
  /** What the weights are. */
  readonly what: string;
  /** The LeNets have a goal of their own. */
  readonly leNet: boolean;
  readonly recipe?: string;
  readonly keep?: Readonly<Record<string, number>>;
  /** Kept out of a quick run. */
  readonly large?: boolean;
}

/** Shares of HAN15 tables 2, 3 and 5, and a tenth of them and less. */
export const NETWORK_CASES: readonly NetworkCase[] = [
  {
    name: 'lenet-300-100, 8 %',
    what: 'trained; 8/9/26 % of fc1/fc2/fc3 (HAN15 table 2)',
    leNet: true,
    recipe: 'coder-lenet-300-100',
    keep: { fc1: 0.08, fc2: 0.09, fc3: 0.26 },
  },
  {
    name: 'lenet-300-100, 2 %',
    what: 'trained; 1.7/3.5/17 %',
    leNet: true,
    recipe: 'coder-lenet-300-100',
    keep: { fc1: 0.017, fc2: 0.035, fc3: 0.17 },
  },
  {
    name: 'lenet-5, 8 %',
    what: 'trained; 66/12/8/19 % of conv1/conv2/fc1/fc2 (HAN15 table 3)',
    leNet: true,
    recipe: 'coder-lenet-5',
    keep: { conv1: 0.66, conv2: 0.12, fc1: 0.08, fc2: 0.19 },
  },
  {
    name: 'lenet-5, 0.5 %',
    what: 'trained; 25/3/0.28/4 %',
    leNet: true,
    recipe: 'coder-lenet-5',
    keep: { conv1: 0.25, conv2: 0.03, fc1: 0.0028, fc2: 0.04 },
  },
  {
    name: 'conv-3x3, 5 %',
    what: 'trained; nothing was tuned on it; 60/25/4/10/40 % of conv1/conv2/fc1/fc2/fc3',
    leNet: false,
    recipe: 'coder-conv-3x3',
    keep: { conv1: 0.6, conv2: 0.25, fc1: 0.04, fc2: 0.1, fc3: 0.4 },
  },
  {
    name: 'vgg-16 fc6, 4 %',
    what: 'random: 25088 x 4096 independent Gaussians cut to the largest 4 % (HAN15 table 5); no trained weights are to be had here',
    leNet: false,
    large: true,
  },
];

/** From the cache, or trained now. */
export async function loadNetwork(
  item: NetworkCase,
  seed: number,
  workspace: () => Promise<BenchWorkspace>,
): Promise<PrunedNetwork> {
  if (item.recipe === undefined) return { name: item.name, seed, kernels: [randomFc6(seed)], large: true };
  const file = join(ROOT, `tools/bench/recipes/${item.recipe}.yaml`);
  const parsed = parseRecipe(readFileSync(file, 'utf8'), { file }).recipe;
  const recipe: Recipe = {
    ...parsed,
    seed,
    ...(parsed.prune && { prune: { ...parsed.prune, keep: { layers: item.keep ?? {} } } }),
  };
  const digest = sha256(new TextEncoder().encode(JSON.stringify(recipe))).slice(0, 16);
  const cached = join(benchCache('coder/networks'), `${recipe.name}-${seed}-${digest}.safetensors`);
  if (!existsSync(cached)) {
    note(`${item.name}, seed ${seed}: training`);
    const snapshot = await train(recipe, await workspace());
    const wanted = parametersOf(recipe.network).map(({ name }) => name);
    const kept = new Map([...snapshot.tensors].filter(([name]) => wanted.includes(name)));
    mkdirSync(dirname(cached), { recursive: true });
    writeFileSync(`${cached}.tmp`, encodeSafetensors(kept));
    renameSync(`${cached}.tmp`, cached);
  }
  const { tensors } = decodeSafetensors(readFileSync(cached));
  return fromTensors(item.name, seed, { network: recipe.network, tensors });
}

function fromTensors(
  name: string,
  seed: number,
  trained: { readonly network: NetworkSpec; readonly tensors: ReadonlyMap<string, Tensor> },
): PrunedNetwork {
  const layouts = imageLayouts(trained.network);
  const kernels = parametersOf(trained.network).flatMap(({ name: kernel, role, shape }): Kernel[] => {
    const tensor = trained.tensors.get(kernel);
    if (role !== 'kernel' || !tensor) return [];
    const image = shape.length === 2 ? layouts.get(kernel) : undefined;
    return [{ name: kernel, shape, values: tensor.data as Float32Array, ...(image && { image }) }];
  });
  return { name, seed, kernels, trained };
}

/** Every stage before encoding. */
async function train(recipe: Recipe, workspace: BenchWorkspace): Promise<Snapshot> {
  const resolved = workspace.resolve(recipe);
  const finished: FinishedStage[] = [];
  for (;;) {
    const next = nextStage(resolved, finished);
    if (next.step === 'done' || next.spec.kind === 'encode') break;
    const { result } = await workspace.stage(next.spec);
    finished.push({ spec: next.spec, key: '', result });
  }
  const { result } = finished[finished.length - 1];
  return workspace.store.getSnapshot(result.outputs['snapshot'].digest);
}

/** VGG-16's fc6 reads 7 x 7 x 512. */
const FC6 = { shape: [25088, 4096], image: [7, 7, 512], keep: 0.04 } as const;
/** Two-sided 4 % of a Gaussian lie beyond this. */
const FC6_THRESHOLD = 2.0537489;

function randomFc6(seed: number): Kernel {
  const random = new Random(seed, 'fc6/kernel');
  const values = new Float32Array(sizeOf(FC6.shape));
  for (let i = 0; i < values.length; i++) {
    const value = random.normal();
    if (Math.abs(value) > FC6_THRESHOLD) values[i] = 0.01 * value;
  }
  return { name: 'fc6/kernel', shape: FC6.shape, image: FC6.image, values };
}

/** The first `outputs` of a dense kernel. */
export function firstOutputs(kernel: Kernel, outputs: number): Kernel {
  const [rows, all] = kernel.shape;
  const values = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    values.set(kernel.values.subarray(row * all, row * all + outputs), row * outputs);
  }
  return { ...kernel, shape: [rows, outputs], values };
}

/** The network with other kernels, to be tested. */
export function withKernels(
  trained: NonNullable<PrunedNetwork['trained']>,
  kernels: readonly Kernel[],
): Snapshot {
  const tensors = new Map(trained.tensors);
  for (const { name, shape, values } of kernels) tensors.set(name, float32(shape, values, name));
  return { network: trained.network as unknown as Snapshot['network'], tensors, info: {} };
}
