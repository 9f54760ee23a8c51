/** Fixtures for specs of this lib: a resolved recipe, and stages that are said to be done. */
import { parseRecipe, resolveRecipe, type ResolvedRecipe } from '@espalier/recipe';
import { sha256 } from '@espalier/tensor/digest';
import { nextStage } from './planner';
import { stageKey, type StageResult, type StageSpec, type FinishedStage } from './stage';

export const DIGEST = 'a'.repeat(64);

/** A recipe with three rounds and every stage; `sets` change it as `--set` does. */
export function exampleRecipe(...sets: readonly string[]): ResolvedRecipe {
  const text = `
version: 1
name: example
network: lenet-300-100
train: { epochs: 2, learningRate: { kind: cosine, base: 0.002 } }
prune: { keep: { global: 0.1 }, schedule: { kind: cubic, rounds: 3 } }
retrain: { epochs: { perRound: 2, last: 4 }, learningRate: { kind: cosine, base: 0.001 } }
share: { bits: 3, retrain: { epochs: 1, learningRate: { kind: constant, base: 0.0001 } } }
`;
  const { recipe } = parseRecipe(text, { file: 'example.yaml', sets: [...sets] });
  return resolveRecipe(recipe, {
    data: { digest: DIGEST, shape: [28, 28, 1], classes: 10 },
    fingerprint: 'test-engine',
    threads: 2,
    version: '0.0.0',
  });
}

/** A plausible result for a stage, with this held-out error. */
export function fakeResult(spec: StageSpec, heldOutError = 0.01): StageResult {
  const id = sha256(new TextEncoder().encode(stageKey(spec, sha256)));
  const layers = ['fc1', 'fc2', 'fc3'].map((name, i) => ({
    name: `${name}/kernel`,
    weights: [235200, 30000, 1000][i],
    kept: 100 * (i + 1) - (spec.round ?? 0),
    threshold: 0.1,
  }));
  if (spec.kind === 'encode') {
    const tensors = ['fc1', 'fc2', 'fc3'].flatMap((name) => [
      { name: `${name}/kernel`, bytes: 1000, levels: 8 },
      { name: `${name}/bias`, bytes: 50 },
    ]);
    return {
      outputs: { artifact: { kind: 'blob', digest: id } },
      metrics: { bytes: 3200, tensors, paper: null },
    };
  }
  if (spec.kind === 'sensitivity') {
    return { outputs: {}, metrics: { denseError: heldOutError, retrainSteps: 0, curves: [] } };
  }
  if (spec.kind === 'evaluate') {
    const kept = Object.fromEntries(
      ['fc1', 'fc2', 'fc3'].flatMap((name) => [
        [`${name}/kernel`, 100],
        [`${name}/bias`, 10],
      ]),
    );
    return { outputs: {}, metrics: { count: 10000, error: 0.015, top5Error: 0, loss: 0.05, kept } };
  }
  return {
    outputs: { snapshot: { kind: 'snapshot', digest: id } },
    metrics: { layers, heldOutError, testError: heldOutError + 0.001 },
  };
}

/** Plans a run to its end; `errorOf` gives the held-out error of each stage. */
export function planAll(
  recipe: ResolvedRecipe,
  errorOf: (spec: StageSpec) => number = () => 0.01,
): FinishedStage[] {
  const finished: FinishedStage[] = [];
  for (;;) {
    const next = nextStage(recipe, finished);
    if (next.step === 'done') return finished;
    const { spec } = next;
    finished.push({ spec, key: stageKey(spec, sha256), result: fakeResult(spec, errorOf(spec)) });
  }
}
