#!/usr/bin/env node
/**
 * Bench `l1-l2`: the paper recipe's dense network trained with L1 and with L2, then cut in one step to several shares by
 * layer, tested at once and after retraining (HAN15 section 3.1 and figure 5).
 */
import { evaluateSnapshot } from '@espalier/engine';
import { parseRecipe, type Recipe } from '@espalier/recipe';
import { nextStage, type FinishedStage } from '@espalier/stages';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchMain, note, numbers, wholeNumber, type BenchValues } from './bench-main';
import { openBenchWorkspace, type BenchWorkspace } from './bench-workspace';
import { circumstances, type Circumstances } from './circumstances';
import { RESULTS_FOLDER, ROOT } from './places';
import { RESULTS_VERSION, shown, writeResults } from './results-file';
import { regularisationTable } from './tables/regularisation-table';
import { timeLeft } from './time-left';

const USAGE = `espalier bench l1-l2 [options]
  --keeps 0.5,...          shares of each layer's weights to keep (default: 0.5,0.3,0.2,0.1,0.05)
  --epochs N               of training (default: the recipe's)
  --retrain-epochs N       of retraining (default: the recipe's, per round)
  --l1 X, --l2 X           their strengths (default: 2e-5, and the recipe's l2)
  --seed N, --threads N, --out FILE (default: docs/results/l1-l2.json)`;

/** Chosen so that L1 and L2 cost about the same in the loss of a trained LeNet-300-100. */
const DEFAULT_L1 = 2e-5;

const PENALTIES = ['l1', 'l2'] as const;
export type Penalty = (typeof PENALTIES)[number];

export interface RegularisationPoint {
  readonly keep: number;
  /** Test error right after pruning. */
  readonly pruned: number;
  /** Test error once retrained. */
  readonly retrained: number;
}

export interface RegularisationResults {
  readonly version: number;
  readonly bench: 'l1-l2';
  readonly circumstances: Circumstances;
  readonly network: string;
  readonly seed: number;
  readonly epochs: number;
  readonly retrainEpochs: number;
  readonly curves: Readonly<Record<Penalty, RegularisationCurve>>;
}

export interface RegularisationCurve {
  readonly strength: number;
  readonly denseError: number;
  readonly points: readonly RegularisationPoint[];
}

async function run(values: BenchValues, args: readonly string[]): Promise<RegularisationResults> {
  const file = join(ROOT, 'recipes/lenet-300-100-paper.yaml');
  const paper = parseRecipe(readFileSync(file, 'utf8'), { file }).recipe;
  const seed = wholeNumber(values, 'seed', paper.seed);
  const epochs = wholeNumber(values, 'epochs', paper.train?.epochs ?? 1);
  const retrainEpochs = wholeNumber(values, 'retrain-epochs', paper.retrain?.epochs.perRound ?? 1);
  const keeps = numbers(values, 'keeps', [0.5, 0.3, 0.2, 0.1, 0.05]);
  const strengths: Record<Penalty, number> = {
    l1: Number(values['l1'] ?? DEFAULT_L1),
    l2: Number(values['l2'] ?? paper.train?.l2 ?? 0),
  };
  const threads = values['threads'] === undefined ? undefined : wholeNumber(values, 'threads', 1);
  const workspace = await openBenchWorkspace(threads === undefined ? {} : { threads });
  const startedMs = performance.now();
  let done = 0;
  const curve = async (penalty: Penalty): Promise<RegularisationCurve> => {
    const points: RegularisationPoint[] = [];
    let denseError = 0;
    for (const keep of keeps) {
      const recipe = variant({ ...paper, seed }, { penalty, strengths, keep, epochs, retrainEpochs });
      const { dense, ...point } = await measure(recipe, workspace);
      denseError = dense;
      points.push({ keep, ...point });
      done++;
      const left = timeLeft(done, keeps.length * PENALTIES.length, (performance.now() - startedMs) / 1000);
      note(`${penalty}, ${keep} kept: ${point.pruned}, retrained ${point.retrained}${left}`);
    }
    return { strength: strengths[penalty], denseError, points };
  };
  const results: RegularisationResults = {
    version: RESULTS_VERSION,
    bench: 'l1-l2',
    circumstances: circumstances('l1-l2', args),
    network: paper.network.name,
    seed,
    epochs,
    retrainEpochs,
    curves: { l1: await curve('l1'), l2: await curve('l2') },
  };
  const out = String(values['out'] ?? join(RESULTS_FOLDER, 'l1-l2.json'));
  writeResults(out, results);
  note(`${regularisationTable(results)}\n\nwritten: ${shown(out)}`);
  return results;
}

interface Variant {
  readonly penalty: Penalty;
  readonly strengths: Readonly<Record<Penalty, number>>;
  readonly keep: number;
  readonly epochs: number;
  readonly retrainEpochs: number;
}

/** One cut to `keep` of every layer, everything else as the paper recipe has it. */
function variant(paper: Recipe, { penalty, strengths, keep, epochs, retrainEpochs }: Variant): Recipe {
  const { train, prune, retrain } = paper;
  if (!train || !prune || !retrain) return paper;
  const { quality: _quality, ...rest } = prune;
  const decay = { l1: 0, l2: 0, [penalty]: strengths[penalty] };
  return {
    ...paper,
    train: { ...train, ...decay, epochs },
    prune: { ...rest, keep: { layers: { '*': keep } }, schedule: { kind: 'one-shot', rounds: 1 } },
    retrain: { ...retrain, ...decay, epochs: { perRound: retrainEpochs, last: retrainEpochs } },
  };
}

async function measure(
  recipe: Recipe,
  workspace: BenchWorkspace,
): Promise<{ dense: number; pruned: number; retrained: number }> {
  const resolved = workspace.resolve(recipe);
  const finished: FinishedStage[] = [];
  // train, prune, retrain; the planner would go on to encoding.
  for (let i = 0; i < 3; i++) {
    const next = nextStage(resolved, finished);
    if (next.step === 'done') break;
    const { result } = await workspace.stage(next.spec);
    finished.push({ spec: next.spec, key: '', result });
  }
  const [train, prune, retrain] = finished;
  const snapshot = await workspace.store.getSnapshot(prune.result.outputs['snapshot'].digest);
  const { error } = await evaluateSnapshot({
    network: recipe.network,
    snapshot,
    samples: workspace.data.test,
  });
  return {
    dense: train.result.metrics['testError'] as number,
    pruned: error,
    retrained: retrain.result.metrics['testError'] as number,
  };
}

void benchMain({
  usage: USAGE,
  options: {
    keeps: { type: 'string' },
    epochs: { type: 'string' },
    'retrain-epochs': { type: 'string' },
    l1: { type: 'string' },
    l2: { type: 'string' },
    seed: { type: 'string' },
    threads: { type: 'string' },
    out: { type: 'string' },
  },
  run,
});
