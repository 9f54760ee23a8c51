import type { RunState } from './fold-run';
import { pinnedDigests } from './pinned-digests';

const [DATA, DENSE, PRUNED, OTHER] = ['d', 'a', 'b', 'c'].map((letter) => letter.repeat(64));

const snapshot = (digest: string) => ({ kind: 'snapshot', digest }) as const;
const run = {
  data: DATA,
  finished: [
    {
      spec: { inputs: { start: snapshot(DENSE) }, data: DATA },
      result: { outputs: { snapshot: snapshot(PRUNED) }, metrics: {} },
    },
  ],
} as unknown as RunState;
const book = { get: (id: string) => (id === 'pinned' || id === 'other' ? run : undefined) };

describe('pinnedDigests', () => {
  it('are what was pinned, and what the run has come to since', async () => {
    const pins = { list: async () => new Map([['pinned', [DENSE]]]) };
    expect(await pinnedDigests(pins, book)).toEqual(new Set([DENSE, DATA, PRUNED]));
  });

  it('stay for a run whose log is not there, and are none without pins', async () => {
    const pins = { list: async () => new Map([['gone', [OTHER]]]) };
    expect(await pinnedDigests(pins, book)).toEqual(new Set([OTHER]));
    expect(await pinnedDigests({ list: async () => new Map() }, book)).toEqual(new Set());
  });
});
