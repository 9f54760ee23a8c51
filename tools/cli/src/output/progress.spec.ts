import { emptyView } from '../run-view';
import { fakeTerminal } from '../testing/fake-terminal';
import { showProgress } from './progress';

function fakeClock(): { nowMs(): number; monotonicMs(): number; pass(seconds: number): void } {
  let ms = 0;
  return { nowMs: () => ms, monotonicMs: () => ms, pass: (seconds) => void (ms += seconds * 1000) };
}

const progress = { type: 'stage.progress', at: 0, fields: { epoch: 1, epochs: 4, loss: 0.5 } };

describe('progress', () => {
  it('writes a line every ten seconds and at the end of a stage when it cannot redraw', () => {
    const terminal = fakeTerminal();
    const clock = fakeClock();
    const shown = showProgress({ terminal, clock, start: emptyView(0) });
    shown.event({ type: 'stage.started', at: 0, fields: { title: 'train' } });
    for (let second = 1; second <= 25; second++) {
      clock.pass(1);
      shown.event(progress);
    }
    shown.event({ type: 'stage.done', at: 0, fields: { title: 'train', seconds: 25 } });
    expect(terminal.notes).toEqual([
      'train: epoch 1/4, loss 0.500, 30 s left',
      'train: epoch 1/4, loss 0.500, 1 min 00 s left',
      'train done in 25 s: loss 0.500',
    ]);
    expect(terminal.drawn).toEqual([]);
  });

  it('redraws one block on a terminal, five times a second at most', () => {
    const terminal = fakeTerminal({ live: true });
    const clock = fakeClock();
    const shown = showProgress({ terminal, clock, start: emptyView(0) });
    shown.event({ type: 'stage.started', at: 0, fields: { title: 'train' } });
    const before = terminal.drawn.length;
    for (let i = 0; i < 100; i++) {
      clock.pass(0.01);
      shown.event(progress);
    }
    const blocks = terminal.drawn.slice(before).filter((text) => text.includes('train'));
    expect(blocks.length).toBe(5);
    expect(terminal.drawn.filter((text) => text.startsWith('\u001b[')).length).toBe(5);
  });

  it('says what a stage wants to be known', () => {
    const terminal = fakeTerminal();
    const shown = showProgress({ terminal, clock: fakeClock(), start: emptyView(0) });
    shown.event({ type: 'stage.started', at: 0, fields: { title: 'retrain 1' } });
    const text = 'this stage was promised for another engine';
    shown.event({ type: 'stage.note', at: 0, fields: { title: 'retrain 1', code: 'engine', text } });
    expect(terminal.notes).toEqual([`retrain 1: ${text}`]);
  });

  it('says nothing of its own when it is to be quiet', () => {
    const terminal = fakeTerminal({ live: true });
    const shown = showProgress({ terminal, clock: fakeClock(), start: emptyView(0), quiet: true });
    shown.event({ type: 'stage.started', at: 0, fields: { title: 'train' } });
    shown.event({ type: 'stage.done', at: 0, fields: { title: 'train', seconds: 1 } });
    expect([terminal.notes, terminal.drawn]).toEqual([[], []]);
  });
});
