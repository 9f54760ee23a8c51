/** What makes a recipe a smoke run of a few seconds: every stage is there, each for one epoch. Its figures mean nothing. */
import { unitRoundsOf, type Recipe } from '@espalier/recipe';

export function quickSets({ train, prune, retrain, share, network }: Recipe): string[] {
  return [
    ...(train ? ['train.epochs=1', 'train.learningRate.warmupEpochs=0'] : []),
    ...(prune && prune.schedule.rounds > 2 && !listsRounds(prune.quality) ? ['prune.schedule.rounds=2'] : []),
    ...(prune?.during ? ['prune.during.fromEpoch=0'] : []),
    ...(unitRoundsOf({ network, prune }) > 0 ? ['prune.units.retrain.epochs=1'] : []),
    ...(retrain ? ['retrain.epochs=1', 'retrain.learningRate.warmupEpochs=0'] : []),
    ...(share?.retrain ? ['share.retrain.epochs=1', 'share.retrain.learningRate.warmupEpochs=0'] : []),
  ];
}

/** Is there a quality for each round? Then their number is fixed. */
function listsRounds(quality: unknown): boolean {
  if (Array.isArray(quality)) return true;
  return typeof quality === 'object' && quality !== null && Object.values(quality).some(Array.isArray);
}
