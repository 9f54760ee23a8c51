import type { StepPeerName } from '../step/cases';
import type { StepResults, StepRow } from '../step/results';
import { seedResult, seedsResults } from '../testing';
import { stepGoals } from './step-goals';
import { stepTable } from './step-table';

const row = (peer: StepPeerName, ratio: number, peakMiB = 300): StepRow => ({
  peer,
  version: peer.startsWith('torch') ? '2.9.1' : 'TensorFlow 2.18.0',
  ms: 2 * ratio,
  minMs: ratio,
  maxMs: 3 * ratio,
  ratio,
  lowerRatio: ratio - 0.1,
  upperRatio: ratio + 0.1,
  firstLoss: 2.3,
  peakMiB,
});

const results: StepResults = {
  version: 1,
  bench: 'step',
  circumstances: seedsResults([seedResult()]).circumstances,
  load: [0.1, 1.9],
  threads: 2,
  rounds: 5,
  cases: [
    {
      name: 'LeNet-300-100',
      batch: 128,
      rows: [row('espalier', 1), row('torch-masked', 1.5), row('tfjs', 4.5)],
    },
    { name: 'AlexNet', batch: 32, rows: [row('espalier', 1, 1800), row('torch-masked', 1.25, 2000)] },
  ],
  leak: { name: 'LeNet-300-100', steps: 20_000, growthMiB: 3.21 },
};

describe('the table of training steps', () => {
  it('has a row for each peer, with how many times as long it takes', () => {
    const lines = stepTable(results).split('\n');
    expect(lines[2]).toMatch(/LeNet-300-100, batch 128 .* Espalier, masked .* 2\.00 .* 300/);
    expect(lines[3]).toMatch(/PyTorch, masked .* 3\.00 .* 1\.50x \(1\.40 to 1\.60\) .* 300/);
    expect(stepTable(results)).toContain('memory had grown by 3.2 MiB');
  });
});

describe('the goals of a training step', () => {
  it('are shares of the time and memory of masked PyTorch, and multiples of op by op', () => {
    const goals = stepGoals(results).map(({ what, measured, met }) => [what, measured, met]);
    expect(goals).toEqual([
      ["a masked step of LeNet-300-100, batch 128, beside PyTorch's", '0.67x', true],
      ['a masked step of LeNet-300-100, batch 128, beside TensorFlow.js', '4.5x', false],
      ["a masked step of AlexNet, batch 32, beside PyTorch's", '0.80x', true],
      ["peak memory of AlexNet's step, beside PyTorch's", '0.90x', true],
      ['growth of memory over 20,000 steps', '3.2 MiB', true],
    ]);
  });
});
