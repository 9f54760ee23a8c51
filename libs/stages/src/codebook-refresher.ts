/**
 * Sharing while the weights are still trained: from time to time each survivor gets its nearest centroid, and each centroid
 * becomes the mean of its weights. In between the session trains the latent weights straight through their centroids
 * (Bengio, Leonard & Courville 2013). No random numbers: codes are a function of the latent weights and the codebook before.
 */
import { assignNearest, clusterMeans, normaliseShared, weightsOf } from '@espalier/encoding';
import type { SharedKernel, TrainingSession } from '@espalier/engine';
import { TENSOR_SUFFIXES, asFloat32, float32, requireTensor, tensor, type Snapshot } from '@espalier/tensor';
import type { BetweenSteps } from './between-steps';

interface RefresherOptions {
  readonly everySteps: number;
  /** The step that the training starts at; nothing is refreshed there. */
  readonly first: number;
  /** Where codes are frozen; they are refreshed there for the last time. */
  readonly until: number;
}

/** For a session with `shared: 'straight-through'`. Codebooks ascend; a centroid without weights stays. */
export function codebookRefresher(
  session: TrainingSession,
  { everySteps, first, until }: RefresherOptions,
): BetweenSteps {
  const codebooks = new Map<string, Float32Array>();
  const shared = session.read();
  for (const name of sharedKernelsOf(shared)) codebooks.set(name, codebookOf(shared, name));
  const refresh = (): void => {
    const kernels = new Map<string, SharedKernel>();
    for (const [name, weights] of session.latents()) {
      const assigned = assignNearest(weights, codebooks.get(name) as Float32Array);
      const codebook = clusterMeans(weights, assigned);
      codebooks.set(name, codebook);
      kernels.set(name, { codes: assigned.codes, codebook });
    }
    session.setShared(kernels);
  };
  return {
    nextStep: (step) => Math.min(until, first + (Math.floor((step - first) / everySteps) + 1) * everySteps),
    doIfDue: async (step) => {
      if (step === until || (step > first && (step - first) % everySteps === 0)) refresh();
    },
  };
}

/** A shared snapshot with the weights from before the sharing in the place of its kernels: where the latent weights begin. */
export function withLatents(shared: Snapshot, latent: Snapshot): Snapshot {
  const tensors = new Map(shared.tensors);
  for (const name of sharedKernelsOf(shared)) tensors.set(name, requireTensor(latent, name));
  return { ...shared, tensors };
}

/** A shared snapshot in the normal form: levels that no weight uses are gone, equal ones are one. */
export function normalised(shared: Snapshot): Snapshot {
  const tensors = new Map(shared.tensors);
  for (const name of sharedKernelsOf(shared)) {
    const { shape, data } = requireTensor(shared, name + TENSOR_SUFFIXES.codes);
    const { codes, codebook } = normaliseShared(
      { codes: data as Uint16Array, codebook: codebookOf(shared, name) },
      name,
    );
    tensors.set(name, float32(shape, weightsOf({ codes, codebook })));
    tensors.set(name + TENSOR_SUFFIXES.codes, tensor('uint16', shape, codes));
    tensors.set(name + TENSOR_SUFFIXES.codebook, float32([codebook.length], codebook));
  }
  return { ...shared, tensors };
}

/** The kernels that have a codebook, by tensor name. */
export function sharedKernelsOf({ tensors }: Snapshot): string[] {
  const suffix = TENSOR_SUFFIXES.codebook;
  return [...tensors.keys()]
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length));
}

function codebookOf(snapshot: Snapshot, kernel: string): Float32Array {
  const name = kernel + TENSOR_SUFFIXES.codebook;
  return asFloat32(requireTensor(snapshot, name), name);
}
