import type { SharedKernel, TrainingSession } from '@espalier/engine';
import { float32, tensor, type Snapshot } from '@espalier/tensor';
import { codebookRefresher, normalised, withLatents } from './codebook-refresher';

const NAME = 'fc/kernel';

function snapshot(kernel: Float32Array, codes: number[], codebook: number[]): Snapshot {
  return {
    network: null,
    tensors: new Map([
      [NAME, float32([kernel.length], kernel)],
      [`${NAME}:codes`, tensor('uint16', [codes.length], Uint16Array.from(codes))],
      [`${NAME}:codebook`, float32([codebook.length], Float32Array.from(codebook))],
      ['fc/bias', float32([1], Float32Array.of(7))],
    ]),
    info: {},
  };
}

/** A session whose latent weights the test moves; keeps what is set. */
function fakeSession(latent: Float32Array, codebook: number[]) {
  const set: SharedKernel[] = [];
  const session = {
    read: () =>
      snapshot(
        latent,
        [...latent.keys()].map(() => 1),
        codebook,
      ),
    latents: () => new Map([[NAME, latent]]),
    setShared: (kernels: ReadonlyMap<string, SharedKernel>) =>
      void set.push(kernels.get(NAME) as SharedKernel),
  };
  return { session: session as unknown as TrainingSession, set };
}

describe('codebookRefresher', () => {
  it('gives each survivor its nearest centroid, each centroid the mean of its weights, and leaves one without weights', async () => {
    const latent = Float32Array.of(0, -1, 3, 1, 0, 2);
    const { session, set } = fakeSession(latent, [-2, 0.5, 3, 50]);
    const refresher = codebookRefresher(session, { everySteps: 5, first: 0, until: 20 });
    await refresher.doIfDue(5);
    expect(set.map(({ codes }) => [...codes])).toEqual([[0, 1, 3, 2, 0, 3]]);
    expect([...set[0].codebook]).toEqual([-1, 1, 2.5, 50]);
    latent[3] = 2;
    await refresher.doIfDue(10);
    expect([...set[1].codes]).toEqual([0, 1, 3, 3, 0, 3]);
    expect([...set[1].codebook]).toEqual([-1, 1, Math.fround(7 / 3), 50]);
  });

  it('is due every few steps and at the end, and never at the first step', async () => {
    const { session, set } = fakeSession(Float32Array.of(1), [1]);
    const refresher = codebookRefresher(session, { everySteps: 5, first: 100, until: 112 });
    const due: number[] = [];
    for (let step = 100; step <= 112; step++) {
      const before = set.length;
      await refresher.doIfDue(step);
      if (set.length > before) due.push(step);
    }
    expect(due).toEqual([105, 110, 112]);
    expect([100, 104, 105, 110, 111].map((step) => refresher.nextStep(step))).toEqual([
      105, 105, 110, 112, 112,
    ]);
  });
});

describe('withLatents', () => {
  it('puts the weights from before the sharing in the place of shared kernels, and leaves the rest', () => {
    const shared = snapshot(Float32Array.of(2, 2), [1, 1], [2]);
    const latent = Float32Array.of(1.5, 2.5);
    const { tensors } = withLatents(shared, {
      ...shared,
      tensors: new Map([
        [NAME, float32([2], latent)],
        ['fc/bias', float32([1], Float32Array.of(9))],
      ]),
    });
    expect(tensors.get(NAME)?.data).toBe(latent);
    expect(tensors.get('fc/bias')?.data[0]).toBe(7);
    expect(tensors.get(`${NAME}:codes`)).toBe(shared.tensors.get(`${NAME}:codes`));
  });
});

describe('normalised', () => {
  it('drops levels without weights, joins equal ones, and keeps every kernel as it was', () => {
    const kernel = Float32Array.of(3, 0, 1, 3, 1);
    const { tensors } = normalised(snapshot(kernel, [3, 0, 1, 4, 1], [1, 2, 3, 3]));
    expect([...(tensors.get(`${NAME}:codebook`)?.data ?? [])]).toEqual([1, 3]);
    expect([...(tensors.get(`${NAME}:codes`)?.data ?? [])]).toEqual([2, 0, 1, 2, 1]);
    expect([...(tensors.get(NAME)?.data ?? [])]).toEqual([...kernel]);
  });
});
