import { emptyView, type RunView } from '../run-view';
import { colours } from './colours';
import { bar, doneLine, progressBlock, progressLine } from './progress-text';

const NOW = 1_100_000;
const RUNNING: RunView = {
  ...emptyView(1_000_000, ['train', 'prune 1', 'retrain 1', 'encode']),
  status: 'running',
  done: [{ title: 'train', seconds: 40, cached: false }],
  stage: { title: 'retrain 1', startedAt: 1_080_000, epoch: 5, epochs: 20, loss: 0.1234, error: 0.0151 },
  layers: [
    { name: 'fc1', weights: 1000, kept: 20 },
    { name: 'output', weights: 100, kept: 50 },
  ],
};

describe('progress as text', () => {
  it('draws a block with stage, figures, layers and the time left', () => {
    const block = progressBlock(RUNNING, { nowMs: NOW, columns: 80, style: colours(false) });
    expect(block).toEqual([
      'retrain 1  [######..................] 1 min 00 s left',
      '  epoch 5/20  loss 0.123  error 1.51 %',
      '  fc1     [....................]   2.00 % kept',
      '  output  [##########..........]  50.00 % kept',
      'stage 2 of about 4, 1 min 40 s since the start; Ctrl-C stops cleanly',
    ]);
  });

  it('cuts every line to the width of the terminal', () => {
    const block = progressBlock(RUNNING, { nowMs: NOW, columns: 30, style: colours(false) });
    expect(Math.max(...block.map((line) => line.length))).toBeLessThan(30);
  });

  it('names how many layers it leaves out', () => {
    const many = Array.from({ length: 16 }, (_, i) => ({ name: `conv${i}`, weights: 10, kept: 5 }));
    const block = progressBlock(
      { ...RUNNING, layers: many },
      { nowMs: NOW, columns: 80, style: colours(false) },
    );
    expect(block).toContain('  and 4 more layers');
  });

  it('says the same in one line for a pipe', () => {
    expect(progressLine(RUNNING, NOW)).toBe(
      'retrain 1: epoch 5/20, loss 0.123, error 1.51 %, kept 6.36 %, 1 min 00 s left',
    );
  });

  it('sums up a finished stage', () => {
    expect(doneLine({ title: 'encode', seconds: 1.25, cached: false, bytes: 7300 })).toBe(
      'encode done in 1.3 s: 7.3 KB',
    );
    expect(doneLine({ title: 'train', seconds: 0, cached: true, error: 0.0083 })).toBe(
      'train taken from the cache: error 0.83 %',
    );
  });

  it('never draws a bar longer than its frame', () => {
    expect([bar(undefined, 4), bar(-1, 4), bar(0.5, 4), bar(7, 4)]).toEqual([
      '[....]',
      '[....]',
      '[##..]',
      '[####]',
    ]);
  });
});
