import { TurnQueue } from './turn-queue';

function setup() {
  const steps: string[] = [];
  const queue = new TurnQueue({
    settle: async () => void steps.push('settle'),
    closedError: () => new Error('closed'),
  });
  return { steps, queue };
}

describe('the turn queue', () => {
  it('begins a change when the one before it has settled, however long that takes', async () => {
    const { steps, queue } = setup();
    let release: () => void = () => undefined;
    const slow = queue.inTurn(async () => {
      await new Promise<void>((resolve) => (release = resolve));
      steps.push('slow');
    });
    const quick = queue.inTurn(() => steps.push('quick'));
    await Promise.resolve();
    release();
    await Promise.all([slow, quick]);
    expect(steps).toEqual(['slow', 'settle', 'quick', 'settle']);
  });

  it('gives a failure to who asked, and goes on with the next change', async () => {
    const { steps, queue } = setup();
    const failed = queue.inTurn(() => Promise.reject(new Error('no')));
    const next = queue.inTurn(() => 7);
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe(7);
    expect(steps).toEqual(['settle']);
  });

  it('finishes what was asked for before its end, without sending anything more, and refuses the rest', async () => {
    const { steps, queue } = setup();
    const last = queue.inTurn(() => steps.push('last'));
    await queue.close();
    await last;
    expect(steps).toEqual(['last']);
    await expect(queue.inTurn(() => undefined)).rejects.toThrow('closed');
  });
});
